import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_ledger', '0002_words'),
        ('members_profiles', '0002_words'),
        ('partners_registry', '0003_words'),
        ('programs_setup', '0003_event_kinds'),
    ]

    operations = [
        migrations.CreateModel(
            name='AdjustmentRequest',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('amount', models.BigIntegerField(verbose_name='amount')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='note')),
                ('state', models.CharField(choices=[('waiting', 'Waits for a decision'), ('approved', 'Approved'), ('rejected', 'Rejected')], default='waiting', max_length=8, verbose_name='state')),
                ('request_key', models.CharField(max_length=120, verbose_name='request key')),
                ('asker_kind', models.CharField(max_length=10)),
                ('asker_id', models.BigIntegerField(null=True)),
                ('asker_label', models.CharField(max_length=160, verbose_name='asked by')),
                ('decider_kind', models.CharField(blank=True, max_length=10)),
                ('decider_id', models.BigIntegerField(null=True)),
                ('decider_label', models.CharField(blank=True, max_length=160, verbose_name='decided by')),
                ('decision_note', models.CharField(blank=True, max_length=300, verbose_name='reason of the decision')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
            ],
            options={
                'verbose_name': 'request for a correction',
                'verbose_name_plural': 'requests for corrections',
                'db_table': 'members_adjustment_request',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.RemoveConstraint(
            model_name='posting',
            name='members_posting_side',
        ),
        migrations.AlterField(
            model_name='entry',
            name='kind',
            field=models.CharField(choices=[('earn', 'Earned'), ('activate', 'Became usable'), ('redeem', 'Spent'), ('cancel', 'Spending canceled'), ('reverse', 'Taken back after a return'), ('expire', 'Expired'), ('transfer', 'Moved between accounts'), ('adjust', 'Corrected')], max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='bucket',
            field=models.CharField(choices=[('active', 'active'), ('pending', 'pending'), ('reserved', 'reserved'), ('debt', 'debt'), ('issued', 'issued'), ('spent', 'spent'), ('expired', 'expired'), ('adjusted', 'adjusted'), ('transferred', 'transferred'), ('written_off', 'written off')], max_length=12, verbose_name='bucket'),
        ),
        AddConstraintNotValid(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bucket__in', ['active', 'pending', 'reserved', 'debt']), ('wallet__isnull', False)), models.Q(('bucket__in', ['issued', 'spent', 'expired', 'adjusted', 'transferred', 'written_off']), ('wallet__isnull', True)), _connector='OR'), name='members_posting_side'),
        ),
        migrations.AddField(
            model_name='adjustmentrequest',
            name='account',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.account', verbose_name='account'),
        ),
        migrations.AddField(
            model_name='adjustmentrequest',
            name='entry',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry', verbose_name='ledger entry'),
        ),
        migrations.AddField(
            model_name='adjustmentrequest',
            name='member',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member'),
        ),
        migrations.AddField(
            model_name='adjustmentrequest',
            name='point_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='point type'),
        ),
        migrations.AddField(
            model_name='adjustmentrequest',
            name='program',
            field=models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program'),
        ),
        migrations.AddField(
            model_name='adjustmentrequest',
            name='reason',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.reasoncode', verbose_name='reason'),
        ),
        migrations.AddIndex(
            model_name='adjustmentrequest',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['program', 'id'], name='members_adjustment_waiting'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentrequest',
            constraint=models.UniqueConstraint(fields=('program', 'request_key'), name='members_adjustment_request_once'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentrequest',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='members_adjustment_request_amount'),
        ),
        migrations.AddConstraint(
            model_name='adjustmentrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', False), ('state', 'approved')), models.Q(models.Q(('state', 'approved'), _negated=True), ('entry__isnull', True)), _connector='OR'), name='members_adjustment_request_entry'),
        ),
        BuildWalls('AdjustmentRequest'),
    ]
