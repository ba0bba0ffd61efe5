import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
from django.db import migrations, models

from loyalty.kernel.walls import AppendOnly, BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('programs_setup', '0005_approval'),
    ]

    operations = [
        migrations.CreateModel(
            name='CurrencyRate',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('currency', models.CharField(max_length=3, validators=[django.core.validators.RegexValidator('^[A-Z]{3}$', 'A currency code of three capital letters, such as EUR.')], verbose_name='currency')),
                ('since_date', models.DateField(verbose_name='from the day')),
                ('rate', models.DecimalField(decimal_places=9, max_digits=18, verbose_name='rate')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'currency rate',
                'verbose_name_plural': 'currency rates',
                'db_table': 'programs_currency_rate',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['program', 'currency', '-since_date', '-id'], name='programs_currency_newest')],
                'constraints': [models.CheckConstraint(condition=models.Q(('rate__gt', 0)), name='programs_currency_rate_positive'), models.CheckConstraint(condition=models.Q(('currency__regex', '^[A-Z]{3}$')), name='programs_currency_rate_code')],
            },
        ),
        BuildWalls('CurrencyRate'),
        AppendOnly('CurrencyRate'),
    ]
