import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members_activity', '0007_occasions'),
        ('members_ledger', '0007_holds'),
        ('members_profiles', '0006_blocked_at'),
        ('programs_setup', '0005_approval'),
    ]

    operations = [
        migrations.CreateModel(
            name='Checkout',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('till', models.CharField(blank=True, max_length=40, verbose_name='till')),
                ('quoted_at', models.DateTimeField(verbose_name='quoted')),
                ('canceled_at', models.DateTimeField(null=True, verbose_name='canceled')),
                ('voided_at', models.DateTimeField(null=True, verbose_name='voided')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('hold', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checkouts', to='members_ledger.hold', verbose_name='hold')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('purchase', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='checkouts', to='members_activity.purchase', verbose_name='purchase')),
            ],
            options={
                'verbose_name': 'checkout',
                'verbose_name_plural': 'checkouts',
                'db_table': 'members_checkout',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'quoted_at'], name='members_checkout_quoted')],
            },
        ),
        migrations.CreateModel(
            name='TillOperation',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=40, verbose_name='source')),
                ('till', models.CharField(max_length=40, verbose_name='till')),
                ('op_id', models.UUIDField(verbose_name='number of the operation')),
                ('sequence', models.BigIntegerField(null=True, verbose_name='number at the till')),
                ('kind', models.CharField(max_length=10, verbose_name='kind')),
                ('body_hash', models.BinaryField(max_length=32)),
                ('status', models.CharField(choices=[('accepted', 'Accepted'), ('accepted_with_adjustment', 'Accepted, adjusted'), ('rejected', 'Rejected'), ('retry_later', 'To be sent again')], max_length=24, verbose_name='status')),
                ('http_status', models.PositiveSmallIntegerField()),
                ('answer', models.TextField()),
                ('content', models.JSONField(null=True)),
                ('occurred_at', models.DateTimeField(verbose_name='when')),
                ('received_at', models.DateTimeField(verbose_name='received')),
                ('gap_found_at', models.DateTimeField(null=True, verbose_name='numbers before it missing since')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'operation of a till',
                'verbose_name_plural': 'operations of tills',
                'db_table': 'members_till_operation',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'source', 'till', 'sequence'], name='members_till_sequence'), models.Index(condition=models.Q(('content__isnull', False)), fields=['program', 'id'], name='members_till_unjudged')],
                'constraints': [models.UniqueConstraint(fields=('program', 'source', 'op_id'), name='members_till_operation_once')],
            },
        ),
        BuildWalls(),
    ]
