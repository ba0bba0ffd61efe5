from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("members_ledger", "0014_end_warnings")]

    operations = [
        AddIndexConcurrently(
            model_name='entry',
            index=models.Index(condition=models.Q(('kind', 'adjust')), fields=['actor_id', 'effective_at'], name='members_entry_corrections'),
        ),
    ]
