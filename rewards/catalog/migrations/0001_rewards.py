import django.core.validators
import django.db.models.deletion
import loyalty.kernel.ids
import loyalty.kernel.models.base
import loyalty.kernel.text
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('loyalty_kernel', '0002_keys_audit_outbox_jobs_files'),
        ('partners_registry', '0001_partners'),
        ('programs_setup', '0001_program'),
    ]

    operations = [
        migrations.CreateModel(
            name='Reward',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('public_id', models.UUIDField(db_default=loyalty.kernel.models.base.PublicId(), editable=False, unique=True)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('description', loyalty.kernel.text.TranslatedText(verbose_name='description')),
                ('kind', models.CharField(choices=[('gift', 'Gift'), ('voucher', 'Voucher'), ('discount', 'Discount'), ('service', 'Service'), ('charity', 'Charity')], default='gift', max_length=10, verbose_name='kind')),
                ('price', models.BigIntegerField(validators=[django.core.validators.MinValueValidator(1)], verbose_name='price in points')),
                ('stock', models.IntegerField(blank=True, help_text='Empty: as many as asked for.', null=True, validators=[django.core.validators.MinValueValidator(0)], verbose_name='in stock')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='on sale from')),
                ('ends_at', models.DateTimeField(blank=True, null=True, verbose_name='on sale until')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('partner', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='partners_registry.partner', verbose_name='supplied by')),
                ('picture', loyalty.kernel.models.base.ProgramForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='loyalty_kernel.storedfile')),
                ('point_type', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.pointtype', verbose_name='paid with')),
                ('program', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'reward',
                'verbose_name_plural': 'rewards',
                'db_table': 'rewards_reward',
                'ordering': ['price', 'id'],
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('program', 'code'), name='rewards_reward_code'), models.CheckConstraint(condition=models.Q(('price__gt', 0)), name='rewards_reward_price'), models.CheckConstraint(condition=models.Q(('stock__isnull', True), ('stock__gte', 0), _connector='OR'), name='rewards_reward_stock'), models.CheckConstraint(condition=models.Q(('starts_at__isnull', True), ('ends_at__isnull', True), ('ends_at__gt', models.F('starts_at')), _connector='OR'), name='rewards_reward_period')],
            },
        ),
        BuildWalls(),
    ]
