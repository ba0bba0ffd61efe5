from django.db import migrations, models


class Migration(migrations.Migration):
    """In which segments a member is and was: every purchase asks it."""

    dependencies = [("members_segments", "0002_masks_say_it")]

    operations = [
        migrations.AddIndex(
            model_name="segmentmember",
            index=models.Index(fields=["member"], name="members_segment_member_of"),
        ),
    ]
