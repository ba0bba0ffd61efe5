from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members_ledger", "0012_lots_that_wait")]

    operations = [
        AddIndexConcurrently(
            model_name='lot',
            index=models.Index(condition=models.Q(('is_open', True), ('is_pending', True), models.Q(('awaits', ''), _negated=True)), fields=['wallet'], name='members_lot_awaits'),
        ),
        AddIndexConcurrently(
            model_name='lot',
            index=models.Index(condition=models.Q(('idle_days__isnull', False), ('is_open', True)), fields=['wallet'], name='members_lot_idle'),
        ),
    ]
