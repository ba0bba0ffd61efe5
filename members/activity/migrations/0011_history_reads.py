from django.db import migrations, models


class Migration(migrations.Migration):
    """What was spent and how often is read from the index alone."""

    dependencies = [("members_activity", "0010_return_settlement")]

    operations = [
        migrations.RemoveIndex(model_name="purchase", name="members_purchase_history"),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(
                fields=["member", "occurred_at"], include=["program", "amount", "returned_amount", "is_returned"],
                name="members_purchase_history",
            ),
        ),
    ]
