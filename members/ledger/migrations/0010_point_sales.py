import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_ledger', '0009_tier_credits'),
        ('members_profiles', '0006_blocked_at'),
        ('partners_registry', '0004_program_key'),
        ('programs_setup', '0005_approval'),
    ]

    operations = [
        migrations.CreateModel(
            name='ConversionRate',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('since_date', models.DateField(verbose_name='from the day')),
                ('give', models.BigIntegerField(verbose_name='so many')),
                ('get', models.BigIntegerField(verbose_name='become so many')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
            ],
            options={
                'verbose_name': 'rate of conversion',
                'verbose_name_plural': 'rates of conversion',
                'db_table': 'members_conversion_rate',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='LotEnd',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('before', models.DateTimeField(verbose_name='end before')),
                ('after', models.DateTimeField(verbose_name='end after')),
            ],
            options={
                'verbose_name': 'moved end of a lot',
                'verbose_name_plural': 'moved ends of lots',
                'db_table': 'members_lot_end',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PointSale',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True, verbose_name='public number')),
                ('kind', models.CharField(choices=[('extend', 'Later end'), ('reinstate', 'Expired points bought back'), ('buy', 'Points bought'), ('convert', 'Points converted')], max_length=10, verbose_name='what')),
                ('points', models.BigIntegerField(verbose_name='amount')),
                ('currency', models.CharField(blank=True, max_length=3, verbose_name='currency')),
                ('price', models.BigIntegerField(verbose_name='price')),
                ('payment', models.CharField(blank=True, max_length=120, verbose_name='payment')),
                ('state', models.CharField(choices=[('pending', 'Waits for the payment'), ('paid', 'Paid'), ('refunded', 'Refunded'), ('canceled', 'Canceled')], max_length=8, verbose_name='state')),
                ('request_key', models.CharField(max_length=120, verbose_name='request key')),
                ('asked_at', models.DateTimeField(verbose_name='asked for')),
                ('paid_at', models.DateTimeField(null=True, verbose_name='paid')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='refunded or canceled')),
                ('end_reason', models.CharField(blank=True, max_length=300, verbose_name='reason')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
            ],
            options={
                'verbose_name': 'sale of points',
                'verbose_name_plural': 'sales of points',
                'db_table': 'members_point_sale',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PriceList',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('extend', 'a later end of points'), ('reinstate', 'points back after their end'), ('buy', 'new points')], max_length=10, verbose_name='what is sold')),
                ('days', models.PositiveIntegerField(blank=True, help_text='By how many days the end moves, or how long points that come back live.', null=True, verbose_name='days that it gives')),
                ('window_days', models.PositiveIntegerField(blank=True, help_text='How many days before their end it is sold, or how many days after it points come back.', null=True, verbose_name='window in days')),
                ('most_times', models.PositiveSmallIntegerField(blank=True, help_text='How often the end of the same points may move. Empty: without a limit.', null=True, verbose_name='times for the same points')),
                ('least', models.BigIntegerField(default=0, verbose_name='at least')),
                ('most', models.BigIntegerField(blank=True, null=True, verbose_name='at most at once')),
                ('member_cap', models.BigIntegerField(blank=True, null=True, verbose_name='at most for a member')),
                ('cap_period', models.CharField(choices=[('day', 'a day'), ('month', 'a month'), ('year', 'a year')], default='year', max_length=5, verbose_name='within')),
                ('refund_days', models.PositiveSmallIntegerField(default=14, help_text='So many days after the payment bought points can be refunded. 0: never.', verbose_name='days to give them back')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'verbose_name': 'price list of points',
                'verbose_name_plural': 'price lists of points',
                'db_table': 'members_price_list',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PriceStep',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('from_points', models.BigIntegerField(default=0, verbose_name='from points')),
                ('fixed', models.BigIntegerField(default=0, verbose_name='fixed price')),
                ('each', models.BigIntegerField(default=0, verbose_name='and for each block')),
                ('block', models.BigIntegerField(default=1, verbose_name='points in a block')),
            ],
            options={
                'verbose_name': 'price',
                'verbose_name_plural': 'prices',
                'db_table': 'members_price_step',
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
            field=models.CharField(choices=[('earn', 'Earned'), ('activate', 'Became usable'), ('redeem', 'Spent'), ('cancel', 'Spending canceled'), ('reverse', 'Taken back after a return'), ('expire', 'Expired'), ('transfer', 'Moved between accounts'), ('adjust', 'Corrected'), ('hold', 'Held for a till'), ('release', 'Let go by a till'), ('extend', 'End moved to later'), ('reinstate', 'Bought back after their end'), ('buy', 'Points bought'), ('refund', 'Bought points refunded'), ('convert', 'Converted')], max_length=10, verbose_name='kind'),
        ),
        migrations.AlterField(
            model_name='posting',
            name='bucket',
            field=models.CharField(choices=[('active', 'active'), ('pending', 'pending'), ('reserved', 'reserved'), ('debt', 'debt'), ('issued', 'issued'), ('spent', 'spent'), ('expired', 'expired'), ('adjusted', 'adjusted'), ('transferred', 'transferred'), ('written_off', 'written off'), ('sold', 'sold'), ('converted', 'converted')], max_length=12, verbose_name='bucket'),
        ),
        AddConstraintNotValid(
            model_name='posting',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bucket__in', ['active', 'pending', 'reserved', 'debt']), ('wallet__isnull', False)), models.Q(('bucket__in', ['issued', 'spent', 'expired', 'adjusted', 'transferred', 'written_off', 'sold', 'converted']), ('wallet__isnull', True)), _connector='OR'), name='members_posting_side'),
        ),
        migrations.AddField(
            model_name='conversionrate',
            name='from_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='from points of'),
        ),
        migrations.AddField(
            model_name='conversionrate',
            name='program',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program'),
        ),
        migrations.AddField(
            model_name='conversionrate',
            name='to_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='to points of'),
        ),
        migrations.AddField(
            model_name='lotend',
            name='entry',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='lot_ends', to='members_ledger.entry', verbose_name='ledger entry'),
        ),
        migrations.AddField(
            model_name='lotend',
            name='lot',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='ends', to='members_ledger.lot', verbose_name='lot'),
        ),
        migrations.AddField(
            model_name='lotend',
            name='program',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='account',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.account', verbose_name='account'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='entry',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry', verbose_name='ledger entry'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='member',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member', verbose_name='member'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='pay_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='paid in points of'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='payment_entry',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry', verbose_name='ledger entry of the payment'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='point_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='point type'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='program',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='rate',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.conversionrate', verbose_name='rate of conversion'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='refund_entry',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.entry', verbose_name='ledger entry of the refund'),
        ),
        migrations.AddField(
            model_name='pricelist',
            name='pay_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(blank=True, db_constraint=False, help_text='Empty: paid in money.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='paid in points of'),
        ),
        migrations.AddField(
            model_name='pricelist',
            name='point_type',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='point type'),
        ),
        migrations.AddField(
            model_name='pricelist',
            name='program',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program'),
        ),
        migrations.AddField(
            model_name='pointsale',
            name='price_list',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_ledger.pricelist', verbose_name='price list'),
        ),
        migrations.AddField(
            model_name='pricestep',
            name='price_list',
            field=loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='members_ledger.pricelist', verbose_name='price list'),
        ),
        migrations.AddField(
            model_name='pricestep',
            name='program',
            field=models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program'),
        ),
        migrations.AddIndex(
            model_name='conversionrate',
            index=models.Index(fields=['from_type', 'to_type', '-since_date', '-id'], name='members_conversion_newest'),
        ),
        migrations.AddConstraint(
            model_name='conversionrate',
            constraint=models.CheckConstraint(condition=models.Q(('get__gte', 0), ('give__gt', 0)), name='members_conversion_rate_amounts'),
        ),
        migrations.AddConstraint(
            model_name='conversionrate',
            constraint=models.CheckConstraint(condition=models.Q(('from_type', models.F('to_type')), _negated=True), name='members_conversion_rate_types'),
        ),
        migrations.AddConstraint(
            model_name='lotend',
            constraint=models.CheckConstraint(condition=models.Q(('after__gt', models.F('before'))), name='members_lot_end_later'),
        ),
        migrations.AddConstraint(
            model_name='lotend',
            constraint=models.UniqueConstraint(fields=('lot', 'entry'), name='members_lot_end_once'),
        ),
        migrations.AddConstraint(
            model_name='pricelist',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True)), fields=('program', 'kind', 'point_type', 'pay_type'), name='members_price_list_in_use', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='pricelist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'buy'), _negated=True), ('pay_type__isnull', True), _connector='OR'), name='members_price_list_money'),
        ),
        migrations.AddConstraint(
            model_name='pricelist',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'buy'), ('days__gt', 0), _connector='OR'), name='members_price_list_days'),
        ),
        migrations.AddConstraint(
            model_name='pricelist',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'reinstate'), _negated=True), ('window_days__gt', 0), _connector='OR'), name='members_price_list_window'),
        ),
        migrations.AddConstraint(
            model_name='pricelist',
            constraint=models.CheckConstraint(condition=models.Q(('least__gte', 0), models.Q(('most__isnull', True), ('most__gt', 0), _connector='OR'), models.Q(('member_cap__isnull', True), ('member_cap__gt', 0), _connector='OR')), name='members_price_list_amounts'),
        ),
        migrations.AddIndex(
            model_name='pointsale',
            index=models.Index(fields=['member', '-id'], name='members_point_sale_member'),
        ),
        migrations.AddIndex(
            model_name='pointsale',
            index=models.Index(fields=['account', 'kind', 'point_type', 'asked_at'], name='members_point_sale_cap'),
        ),
        migrations.AddIndex(
            model_name='pointsale',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['program', 'id'], name='members_point_sale_open'),
        ),
        migrations.AddConstraint(
            model_name='pointsale',
            constraint=models.UniqueConstraint(fields=('program', 'request_key'), name='members_point_sale_once'),
        ),
        migrations.AddConstraint(
            model_name='pointsale',
            constraint=models.CheckConstraint(condition=models.Q(('points__gt', 0), ('price__gt', 0)), name='members_point_sale_amounts'),
        ),
        migrations.AddConstraint(
            model_name='pointsale',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('currency', ''), ('pay_type__isnull', False)), models.Q(('pay_type__isnull', True), models.Q(('currency', ''), _negated=True)), _connector='OR'), name='members_point_sale_pay'),
        ),
        migrations.AddConstraint(
            model_name='pointsale',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry__isnull', True), ('paid_at__isnull', True), ('state__in', ['pending', 'canceled'])), models.Q(('entry__isnull', False), ('paid_at__isnull', False), ('refund_entry__isnull', True), ('state', 'paid')), models.Q(('entry__isnull', False), ('refund_entry__isnull', False), ('state', 'refunded')), _connector='OR'), name='members_point_sale_state'),
        ),
        migrations.AddConstraint(
            model_name='pricestep',
            constraint=models.UniqueConstraint(fields=('price_list', 'from_points'), name='members_price_step_once'),
        ),
        migrations.AddConstraint(
            model_name='pricestep',
            constraint=models.CheckConstraint(condition=models.Q(('block__gt', 0), ('each__gte', 0), ('fixed__gte', 0), ('from_points__gte', 0), models.Q(('fixed__gt', 0), ('each__gt', 0), _connector='OR')), name='members_price_step_amounts'),
        ),
        BuildWalls('ConversionRate', 'PriceList', 'PriceStep', 'LotEnd', 'PointSale'),
        AppendOnly('ConversionRate', 'LotEnd'),
    ]
