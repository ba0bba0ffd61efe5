"""Addresses of the desk under ``/admin/members/``."""

from django.urls import path

from members.desk.pages import (
    adjust,
    cards,
    contact,
    credit,
    find,
    member,
    past,
    requests,
    restraints,
    sale,
    settings,
    tiers,
)

urlpatterns = [
    path("", find.find, name="desk-find"),
    path("requests/", requests.list_requests, name="desk-requests"),
    path("requests/<uuid:request_id>/", requests.decide, name="desk-request"),
    path("settings/", settings.settings, name="desk-settings"),
    path("<uuid:member_id>/", member.show_member, name="desk-member"),
    path("<uuid:member_id>/contact/", member.reveal, name="desk-reveal"),
    path("<uuid:member_id>/contact/change/", contact.change_contact, name="desk-change-contact"),
    path("<uuid:member_id>/spending/", contact.let_spending_go_on, name="desk-spending"),
    path("<uuid:member_id>/block/", restraints.block, name="desk-block"),
    path("<uuid:member_id>/unblock/", restraints.unblock, name="desk-unblock"),
    path("<uuid:member_id>/receipts/<uuid:purchase_id>/", member.show_receipt, name="desk-receipt"),
    path("<uuid:member_id>/past/", past.show_past, name="desk-past"),
    path("<uuid:member_id>/statement/", past.download_statement, name="desk-statement"),
    path("<uuid:member_id>/statement/<uuid:job_id>/", past.fetch_statement, name="desk-statement-file"),
    path("<uuid:member_id>/credit/", credit.set_credit, name="desk-credit"),
    path("<uuid:member_id>/points/<str:kind>/", sale.sell, name="desk-sale"),
    path("<uuid:member_id>/sales/<uuid:sale_id>/", sale.end, name="desk-sale-end"),
    path("<uuid:member_id>/adjust/", adjust.adjust, name="desk-adjust"),
    path("<uuid:member_id>/cards/", cards.issue_card, name="desk-issue-card"),
    path("<uuid:member_id>/cards/<int:identifier_id>/block/", cards.block_card, name="desk-block-card"),
    path("<uuid:member_id>/tiers/", tiers.grant_tier, name="desk-grant-tier"),
    path("<uuid:member_id>/tiers/<int:scheme_id>/withdraw/", tiers.withdraw_tier, name="desk-withdraw-tier"),
]
