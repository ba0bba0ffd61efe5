from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    # Apart from the change itself: looking through every posting must not hold the lock that adds the constraint.

    dependencies = [('members_ledger', '0010_point_sales')]

    operations = [ValidateConstraint(model_name='posting', name='members_posting_side')]
