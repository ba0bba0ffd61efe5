from django.db import migrations, models

RETURNED = """
    UPDATE members_purchase p SET is_returned = true WHERE p.returned_amount = p.amount
    AND NOT EXISTS (SELECT FROM members_purchase_line l WHERE l.purchase_id = p.id AND l.returned_quantity < l.quantity)
"""


class Migration(migrations.Migration):
    """A purchase says itself that everything of it came back; before, its lines had to be asked."""

    dependencies = [("members_activity", "0007_occasions")]

    operations = [
        migrations.AddField(
            model_name="purchase",
            name="is_returned",
            field=models.BooleanField(db_default=False, default=False, verbose_name="returned as a whole"),
        ),
        migrations.RunSQL(RETURNED, migrations.RunSQL.noop),
    ]
