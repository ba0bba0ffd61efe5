import django.db.models.deletion
import loyalty.kernel.ids
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('partners_registry', '0001_partners'),
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='Category',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=120, verbose_name='code')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('parent', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='programs_catalog.category')),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'category',
                'verbose_name_plural': 'categories',
                'db_table': 'programs_category',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Location',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('city', models.CharField(blank=True, max_length=80, verbose_name='city')),
                ('group', models.CharField(blank=True, max_length=40, verbose_name='group')),
                ('timezone', models.CharField(blank=True, help_text="Empty: the program's.", max_length=64, verbose_name='time zone')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner', verbose_name='partner')),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('region', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.region', verbose_name='region')),
            ],
            options={
                'verbose_name': 'location',
                'verbose_name_plural': 'locations',
                'db_table': 'programs_location',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Product',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('sku', models.CharField(max_length=60, verbose_name='SKU')),
                ('name', models.CharField(max_length=200, verbose_name='name')),
                ('brand', models.CharField(blank=True, max_length=80, verbose_name='brand')),
                ('tax_rate', models.DecimalField(blank=True, decimal_places=2, max_digits=5, null=True, verbose_name='tax rate, %')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('category', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='products', to='programs_catalog.category', verbose_name='category')),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner', verbose_name='manufacturer')),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'product',
                'verbose_name_plural': 'products',
                'db_table': 'programs_product',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='category',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_category_code', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='location',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='programs_location_code', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='product',
            constraint=models.UniqueConstraint(fields=('program', 'sku'), name='programs_product_sku', nulls_distinct=False),
        ),
        BuildWalls(),
    ]
