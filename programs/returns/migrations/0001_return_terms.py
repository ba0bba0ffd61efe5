import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('programs_catalog', '0004_program_key'),
        ('programs_setup', '0006_currency_rates'),
        ('programs_tiers', '0003_measures_and_windows'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnTerms',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('channel', models.CharField(blank=True, default='', help_text='As the till or the shop sends it: store, online, app. Empty: all channels.', max_length=20, verbose_name='channel')),
                ('since_date', models.DateField(verbose_name='for purchases from the day')),
                ('until_date', models.DateField(editable=False, null=True, verbose_name='no more from the day')),
                ('days', models.PositiveSmallIntegerField(blank=True, help_text='So many days after the day of the purchase goods are taken back, to midnight. Empty: without an end.', null=True, validators=[django.core.validators.MaxValueValidator(3650)], verbose_name='days to return')),
                ('points_mode', models.CharField(choices=[('recompute', 'what is kept is judged again by the rules of its day'), ('proportional', 'the part that came back loses its points'), ('keep', 'the member keeps them')], default='recompute', max_length=12, verbose_name='points of the purchase')),
                ('gives_money', models.BooleanField(default=True, help_text='If not: only an exchange, or the bonus where one is offered.', verbose_name='money is given back')),
                ('bonus_percent', models.PositiveSmallIntegerField(blank=True, help_text='So much of the money becomes points, if the member wants that. Empty: no bonus is offered.', null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(1000)], verbose_name='bonus instead of money, %')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('bonus_type', loyalty.kernel.models.base.ProgramForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='bonus in points of')),
                ('category', models.ForeignKey(blank=True, db_constraint=False, help_text='With everything below it. Empty: all goods.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_catalog.category', verbose_name='category')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('tier', loyalty.kernel.models.base.ProgramForeignKey(blank=True, db_constraint=False, help_text='Which the member had before the purchase. Empty: all members.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_tiers.tier', verbose_name='tier')),
            ],
            options={
                'verbose_name': 'terms of return',
                'verbose_name_plural': 'terms of return',
                'db_table': 'programs_return_terms',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program', 'category', 'tier', 'channel', 'since_date'), name='programs_return_terms_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('until_date__isnull', True), ('until_date__gte', models.F('since_date')), _connector='OR'), name='programs_return_terms_period'), models.CheckConstraint(condition=models.Q(models.Q(('bonus_percent__isnull', True), ('bonus_type__isnull', True)), models.Q(('bonus_percent__gte', 1), ('bonus_percent__lte', 1000), ('bonus_type__isnull', False)), _connector='OR'), name='programs_return_terms_bonus'), models.CheckConstraint(condition=models.Q(('days__isnull', True), ('days__lte', 3650), _connector='OR'), name='programs_return_terms_days')],
            },
        ),
        BuildWalls('ReturnTerms'),
    ]
