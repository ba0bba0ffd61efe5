from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members_ledger', '0011_point_sales_validated'),
        ('partners_registry', '0004_program_key'),
        ('programs_setup', '0006_currency_rates'),
    ]

    operations = [
        migrations.AddField(
            model_name='lot',
            name='awaits',
            field=models.CharField(blank=True, db_default='', default='', max_length=32, verbose_name='awaits the event'),
        ),
        migrations.AddField(
            model_name='lot',
            name='idle_days',
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='lot',
            name='idle_months',
            field=models.PositiveSmallIntegerField(null=True),
        ),
    ]
