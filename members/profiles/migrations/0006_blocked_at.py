from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('members_profiles', '0005_given_tiers'),
    ]

    operations = [
        migrations.AddField(
            model_name='identifier',
            name='blocked_at',
            field=models.DateTimeField(editable=False, null=True, verbose_name='blocked'),
        ),
    ]
