import django.db.models.deletion
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='Partner',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('code', models.CharField(max_length=40, verbose_name='code')),
                ('name', models.CharField(max_length=160, verbose_name='name')),
                ('kind', models.CharField(choices=[('retailer', 'Retailer'), ('manufacturer', 'Manufacturer'), ('service', 'Service')], max_length=16, verbose_name='kind')),
                ('contact_name', models.CharField(blank=True, max_length=120, verbose_name='contact')),
                ('contact_email', models.EmailField(blank=True, max_length=254, verbose_name='contact e-mail')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('program', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'partner',
                'verbose_name_plural': 'partners',
                'db_table': 'partners_partner',
                'permissions': [('administer_portal', "administers the partner's portal"), ('view_portal', "reads the partner's portal")],
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='Agreement',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('starts_date', models.DateField(verbose_name='from')),
                ('ends_date', models.DateField(blank=True, help_text='The first day it no longer holds.', null=True, verbose_name='until')),
                ('currency', models.CharField(max_length=3, verbose_name='currency')),
                ('issue_price', models.BigIntegerField(verbose_name='price of 1,000 points issued')),
                ('redeem_price', models.BigIntegerField(verbose_name='price of 1,000 points redeemed')),
                ('commission', models.DecimalField(decimal_places=2, default=0, max_digits=5, verbose_name='commission, %')),
                ('funds_base', models.BooleanField(default=False, verbose_name='pays for base points earned at its locations')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('partner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='agreements', to='partners_registry.partner', verbose_name='partner')),
            ],
            options={
                'verbose_name': 'agreement',
                'verbose_name_plural': 'agreements',
                'db_table': 'partners_agreement',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='partner',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='partners_partner_code', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('ends_date__isnull', True), ('ends_date__gt', models.F('starts_date')), _connector='OR'), name='partners_agreement_period'),
        ),
        migrations.AddConstraint(
            model_name='agreement',
            constraint=models.CheckConstraint(condition=models.Q(('issue_price__gte', 0), ('redeem_price__gte', 0)), name='partners_agreement_prices'),
        ),
        BuildWalls(),
    ]
