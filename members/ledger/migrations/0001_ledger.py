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
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='Breach',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('invariant', models.CharField(max_length=40, verbose_name='invariant')),
                ('wallet_id', models.BigIntegerField(null=True)),
                ('facts', models.JSONField(default=dict)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('resolved_at', models.DateTimeField(null=True)),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'breach of the ledger',
                'verbose_name_plural': 'breaches of the ledger',
                'db_table': 'members_breach',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Entry',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('kind', models.CharField(choices=[('earn', 'Earned'), ('activate', 'Became usable'), ('redeem', 'Spent'), ('cancel', 'Spending canceled'), ('reverse', 'Taken back after a return'), ('expire', 'Expired'), ('adjust', 'Corrected')], max_length=10, verbose_name='kind')),
                ('cause_kind', models.CharField(max_length=12)),
                ('cause_id', models.BigIntegerField(null=True)),
                ('request_key', models.CharField(max_length=120)),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor_id', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=300)),
                ('occurred_at', models.DateTimeField()),
                ('effective_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='members_profiles.account')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('reason', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.reasoncode')),
                ('reverses', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='members_ledger.entry')),
            ],
            options={
                'verbose_name': 'ledger entry',
                'verbose_name_plural': 'ledger entries',
                'db_table': 'members_entry',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('remaining', models.BigIntegerField()),
                ('is_open', models.BooleanField(default=True)),
                ('is_pending', models.BooleanField(default=False)),
                ('earned_at', models.DateTimeField()),
                ('activates_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('rule', models.CharField(blank=True, max_length=80)),
                ('version_id', models.BigIntegerField(null=True)),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='members_ledger.entry')),
                ('partner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'db_table': 'members_lot',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='LotUse',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('amount', models.BigIntegerField()),
                ('entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lot_uses', to='members_ledger.entry')),
                ('lot', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='uses', to='members_ledger.lot')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'db_table': 'members_lot_use',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Wallet',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('active', models.BigIntegerField(default=0)),
                ('pending', models.BigIntegerField(default=0)),
                ('reserved', models.BigIntegerField(default=0)),
                ('debt', models.BigIntegerField(default=0)),
                ('credit_limit', models.BigIntegerField(default=0)),
                ('version', models.BigIntegerField(default=0)),
                ('is_frozen', models.BooleanField(default=False)),
                ('account', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='wallets', to='members_profiles.account')),
                ('point_type', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'db_table': 'members_wallet',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Posting',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('bucket', models.CharField(choices=[('active', 'active'), ('pending', 'pending'), ('reserved', 'reserved'), ('debt', 'debt'), ('issued', 'issued'), ('spent', 'spent'), ('expired', 'expired'), ('adjusted', 'adjusted'), ('written_off', 'written off')], max_length=12)),
                ('amount', models.BigIntegerField()),
                ('entry', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='members_ledger.entry')),
                ('partner', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner')),
                ('point_type', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('wallet', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='postings', to='members_ledger.wallet')),
            ],
            options={
                'db_table': 'members_posting',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='lot',
            name='wallet',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='members_ledger.wallet'),
        ),
        migrations.AddIndex(
            model_name='entry',
            index=models.Index(fields=['account', '-effective_at', '-id'], name='members_entry_history'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.UniqueConstraint(fields=('program', 'kind', 'request_key'), name='members_entry_once'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reverse'), _negated=True), ('reverses__isnull', False), _connector='OR'), name='members_entry_original'),
        ),
        migrations.AddConstraint(
            model_name='entry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'adjust'), _negated=True), ('reason__isnull', False), _connector='OR'), name='members_entry_reason'),
        ),
        migrations.AddConstraint(
            model_name='lotuse',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='members_lot_use_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='wallet',
            constraint=models.UniqueConstraint(fields=('account', 'point_type'), name='members_wallet_pair'),
        ),
        migrations.AddConstraint(
            model_name='wallet',
            constraint=models.CheckConstraint(condition=models.Q(('active__gte', 0), ('credit_limit__gte', 0), ('debt__gte', 0), ('pending__gte', 0), ('reserved__gte', 0)), name='members_wallet_not_negative'),
        ),
        migrations.AddIndex(
            model_name='posting',
            index=models.Index(fields=['wallet', 'entry'], name='members_posting_wallet'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='members_posting_not_zero'),
        ),
        migrations.AddConstraint(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bucket__in', ['active', 'pending', 'reserved', 'debt']), ('wallet__isnull', False)), models.Q(('bucket__in', ['issued', 'spent', 'expired', 'adjusted', 'written_off']), ('wallet__isnull', True)), _connector='OR'), name='members_posting_side'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('is_open', True)), fields=['wallet', 'expires_at', 'id'], name='members_lot_queue'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('expires_at__isnull', False), ('is_open', True)), fields=['program', 'expires_at'], name='members_lot_expiry'),
        ),
        migrations.AddIndex(
            model_name='lot',
            index=models.Index(condition=models.Q(('is_open', True), ('is_pending', True)), fields=['program', 'activates_at'], name='members_lot_activation'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('remaining__gte', 0), ('remaining__lte', models.F('amount'))), name='members_lot_remaining'),
        ),
        migrations.AddConstraint(
            model_name='lot',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_open', True), ('remaining__gt', 0)), models.Q(('is_open', False), ('remaining', 0)), _connector='OR'), name='members_lot_open'),
        ),
        BuildWalls(),
        AppendOnly('Entry', 'Posting', 'LotUse'),
        # Double entry, held by the database: judged once a statement over all the rows it added.
        migrations.RunSQL(
            '''
            CREATE FUNCTION members_posting_balances() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
              IF EXISTS (
                SELECT FROM added GROUP BY program_id, entry_id, point_type_id HAVING sum(amount) <> 0
              ) THEN
                RAISE check_violation USING MESSAGE = 'the postings of an entry do not sum to zero';
              END IF;
              RETURN NULL;
            END $$;
            CREATE TRIGGER members_posting_balances AFTER INSERT ON members_posting
              REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION members_posting_balances();
            ALTER TABLE members_wallet SET (fillfactor = 80);
            ALTER TABLE members_lot SET (fillfactor = 80);
            ''',
            '''
            DROP TRIGGER members_posting_balances ON members_posting;
            DROP FUNCTION members_posting_balances();
            ''',
        ),
    ]
