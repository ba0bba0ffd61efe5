from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('rewards_redemption', '0002_words'),
    ]

    operations = [
        migrations.AddField(
            model_name='redemption',
            name='cancel_key',
            field=models.CharField(blank=True, db_default='', max_length=220, verbose_name='request key of the cancellation'),
        ),
    ]
