from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members_activity', '0008_returned'),
    ]

    operations = [
        migrations.AddField(
            model_name='purchase',
            name='foreign_amount',
            field=models.BigIntegerField(null=True, verbose_name='amount in that currency'),
        ),
        migrations.AddField(
            model_name='purchase',
            name='foreign_currency',
            field=models.CharField(blank=True, db_default='', default='', max_length=3, verbose_name='paid in the currency'),
        ),
        migrations.AddField(
            model_name='purchase',
            name='foreign_rate',
            field=models.DecimalField(decimal_places=9, max_digits=18, null=True, verbose_name='rate'),
        ),
    ]
