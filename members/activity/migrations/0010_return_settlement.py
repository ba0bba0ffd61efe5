import django.db.models.deletion
import loyalty.kernel.ids
import loyalty.kernel.models.base
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    dependencies = [
        ('members_activity', '0009_foreign_currency'),
        ('members_messaging', '0001_messages'),
        ('programs_setup', '0006_currency_rates'),
    ]

    operations = [
        migrations.CreateModel(
            name='ReturnNotice',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('step', models.CharField(choices=[('accepted', 'the goods were taken back'), ('points_taken', 'points were taken back'), ('points_restored', 'points that paid were given back'), ('bonus_given', 'points were given instead of money'), ('review', 'the return waits for a person to look at it')], max_length=16, verbose_name='when')),
                ('archived_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('template', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, help_text='{points}, {receipt} and {amount} are filled in.', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_messaging.messagetemplate', verbose_name='message')),
            ],
            options={
                'verbose_name': 'message about returns',
                'verbose_name_plural': 'messages about returns',
                'db_table': 'members_return_notice',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='return',
            name='exchange_external_id',
            field=models.CharField(blank=True, db_default='', default='', max_length=120, verbose_name='receipt of the exchange'),
        ),
        migrations.AddField(
            model_name='return',
            name='is_void',
            field=models.BooleanField(db_default=False, default=False, verbose_name='undoes a mistake'),
        ),
        migrations.AddField(
            model_name='return',
            name='settlement',
            field=models.CharField(choices=[('money', 'Money'), ('exchange', 'Another purchase in exchange'), ('bonus', 'Points instead of money')], db_default='money', default='money', max_length=8, verbose_name='in return for'),
        ),
        migrations.AddIndex(
            model_name='return',
            index=models.Index(condition=models.Q(('exchange_external_id', ''), _negated=True), fields=['program', 'exchange_external_id'], name='members_return_exchange'),
        ),
        migrations.AddConstraint(
            model_name='return',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('settlement', 'exchange'), models.Q(('exchange_external_id', ''), _negated=True)), models.Q(models.Q(('settlement', 'exchange'), _negated=True), ('exchange_external_id', '')), _connector='OR'), name='members_return_settlement'),
        ),
        migrations.AddConstraint(
            model_name='returnnotice',
            constraint=models.UniqueConstraint(condition=models.Q(('archived_at__isnull', True)), fields=('program', 'step', 'template'), name='members_return_notice_once'),
        ),
        BuildWalls('ReturnNotice'),
    ]
