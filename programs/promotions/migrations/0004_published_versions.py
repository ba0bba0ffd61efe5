from django.db import migrations


class Migration(migrations.Migration):
    """Versions that were in force are published."""

    dependencies = [("programs_promotions", "0003_reviewing")]

    operations = [
        migrations.RunSQL(
            "UPDATE programs_promotion_version SET state = 'published' WHERE effective IS NOT NULL",
            migrations.RunSQL.noop,
        )
    ]
