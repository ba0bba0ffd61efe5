import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members_profiles', '0001_members'),
        ('partners_registry', '0001_partners'),
        ('programs_catalog', '0001_catalog'),
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='Purchase',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('source', models.CharField(max_length=40)),
                ('external_id', models.CharField(max_length=120, verbose_name='receipt')),
                ('channel', models.CharField(default='store', max_length=20)),
                ('till', models.CharField(blank=True, max_length=40)),
                ('payment', models.CharField(blank=True, max_length=40)),
                ('currency', models.CharField(max_length=3)),
                ('amount', models.BigIntegerField()),
                ('returned_amount', models.BigIntegerField(default=0)),
                ('paid_with_points', models.BigIntegerField(default=0)),
                ('line_count', models.PositiveIntegerField()),
                ('occurred_at', models.DateTimeField(verbose_name='when')),
                ('occurred_date', models.DateField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.account')),
                ('location', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_catalog.location')),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='purchases', to='members_profiles.member')),
                ('partner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'purchase',
                'verbose_name_plural': 'purchases',
                'db_table': 'members_purchase',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Return',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('source', models.CharField(max_length=40)),
                ('purchase_external_id', models.CharField(max_length=120)),
                ('external_id', models.CharField(max_length=120)),
                ('lines', models.JSONField()),
                ('amount', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('waiting', 'Waiting for its purchase'), ('applied', 'Applied'), ('review', 'For review')], max_length=8, verbose_name='state')),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('applied_at', models.DateTimeField(null=True)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('purchase', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='returns', to='members_activity.purchase')),
            ],
            options={
                'verbose_name': 'return',
                'verbose_name_plural': 'returns',
                'db_table': 'members_return',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Evaluation',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(default='purchase', max_length=10)),
                ('returned', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='members_activity.return')),
                ('snapshot_number', models.BigIntegerField()),
                ('outcome', models.JSONField()),
                ('context', models.JSONField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('purchase', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='evaluations', to='members_activity.purchase')),
            ],
            options={
                'db_table': 'members_evaluation',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PurchaseLine',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('number', models.PositiveIntegerField()),
                ('line_id', models.CharField(max_length=40)),
                ('sku', models.CharField(max_length=60)),
                ('quantity', models.DecimalField(decimal_places=3, max_digits=14)),
                ('unit', models.CharField(default='piece', max_length=10)),
                ('amount', models.BigIntegerField()),
                ('list_amount', models.BigIntegerField()),
                ('returned_quantity', models.DecimalField(decimal_places=3, default=0, max_digits=14)),
                ('returned_amount', models.BigIntegerField(default=0)),
                ('product', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_catalog.product')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('purchase', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lines', to='members_activity.purchase')),
            ],
            options={
                'db_table': 'members_purchase_line',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Received',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('source', models.CharField(max_length=40)),
                ('kind', models.CharField(max_length=10)),
                ('external_id', models.CharField(max_length=120)),
                ('fact_id', models.BigIntegerField()),
                ('body_hash', models.BinaryField(max_length=32)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'db_table': 'members_received',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['member', 'occurred_at'], name='members_purchase_history'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['program', 'occurred_date'], name='members_purchase_day'),
        ),
        migrations.AddIndex(
            model_name='purchase',
            index=models.Index(fields=['program', 'external_id'], name='members_purchase_receipt'),
        ),
        migrations.AddConstraint(
            model_name='purchase',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0), ('returned_amount__gte', 0), ('returned_amount__lte', models.F('amount'))), name='members_purchase_amounts'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.UniqueConstraint(fields=('purchase', 'number'), name='members_purchase_line_number'),
        ),
        migrations.AddConstraint(
            model_name='purchaseline',
            constraint=models.CheckConstraint(condition=models.Q(('returned_quantity__gte', 0), ('returned_quantity__lte', models.F('quantity'))), name='members_purchase_line_returned'),
        ),
        migrations.AddConstraint(
            model_name='received',
            constraint=models.UniqueConstraint(fields=('program', 'source', 'kind', 'external_id'), name='members_received_once'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('state', 'waiting')), fields=['program', 'source', 'purchase_external_id'], name='members_return_waiting'),
        ),
        BuildWalls(),
        AppendOnly('Evaluation', 'Received'),
    ]
