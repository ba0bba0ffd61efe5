import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import loyalty.kernel.ids
import loyalty.kernel.models.base
import loyalty.kernel.text
from django.db import migrations, models

from loyalty.kernel.walls import BuildWalls


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('members_profiles', '0003_program_key'),
        ('programs_setup', '0005_approval'),
    ]

    operations = [
        migrations.CreateModel(
            name='Segment',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('code', models.CharField(max_length=32, validators=[django.core.validators.RegexValidator('^[A-Z][A-Z0-9_-]{1,31}$', 'Capital letters, digits, - and _, from two to 32 characters.')], verbose_name='code')),
                ('name', loyalty.kernel.text.TranslatedText(verbose_name='name')),
                ('kind', models.CharField(choices=[('dynamic', 'By a condition'), ('static', 'By hand')], max_length=8, verbose_name='kind')),
                ('document', models.JSONField(blank=True, default=dict, verbose_name='condition')),
                ('position', models.PositiveIntegerField(editable=False, null=True)),
                ('member_count', models.BigIntegerField(default=0, editable=False, verbose_name='members')),
                ('state', models.CharField(choices=[('waiting', 'Waiting to be counted'), ('done', 'Up to date'), ('failed', 'Could not be counted')], default='done', editable=False, max_length=8)),
                ('refreshed_at', models.DateTimeField(editable=False, null=True, verbose_name='refreshed')),
                ('archived_at', models.DateTimeField(editable=False, null=True, verbose_name='archived')),
                ('recorded_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False, verbose_name='recorded')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'segment',
                'verbose_name_plural': 'segments',
                'db_table': 'members_segment',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='SegmentMask',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('word', models.PositiveSmallIntegerField()),
                ('mask', models.BigIntegerField()),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='members_profiles.member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
            ],
            options={
                'verbose_name': 'segments of a member',
                'verbose_name_plural': 'segments of members',
                'db_table': 'members_segment_mask',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='SegmentMember',
            fields=[
                ('id', models.BigIntegerField(db_default=loyalty.kernel.ids.NextId(), editable=False, primary_key=True, serialize=False)),
                ('since_at', models.DateTimeField(verbose_name='since')),
                ('until_at', models.DateTimeField(null=True, verbose_name='until')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='ended')),
                ('cause', models.CharField(choices=[('refresh', 'the condition'), ('hand', 'by hand'), ('list', 'from a list'), ('promotion', 'a promotion')], max_length=10, verbose_name='cause')),
                ('cause_id', models.BigIntegerField(null=True)),
                ('member', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='segments', to='members_profiles.member', verbose_name='member')),
                ('program', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='programs_setup.program')),
                ('segment', loyalty.kernel.models.base.ProgramForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='members_segments.segment', verbose_name='segment')),
            ],
            options={
                'verbose_name': 'membership in a segment',
                'verbose_name_plural': 'memberships in segments',
                'db_table': 'members_segment_member',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.UniqueConstraint(fields=('program', 'code'), name='members_segment_code'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.UniqueConstraint(fields=('program', 'position'), name='members_segment_position'),
        ),
        migrations.AddConstraint(
            model_name='segment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'static'), ('position__isnull', True)), models.Q(('kind', 'dynamic'), models.Q(('position__isnull', False), ('archived_at__isnull', False), _connector='OR')), _connector='OR'), name='members_segment_kind'),
        ),
        migrations.AddConstraint(
            model_name='segmentmask',
            constraint=models.UniqueConstraint(fields=('member', 'word'), name='members_segment_mask_member'),
        ),
        migrations.AddIndex(
            model_name='segmentmember',
            index=models.Index(fields=['segment', 'id'], name='members_segment_member_list'),
        ),
        migrations.AddConstraint(
            model_name='segmentmember',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('member', 'segment'), name='members_segment_member_present'),
        ),
        migrations.AddConstraint(
            model_name='segmentmember',
            constraint=models.CheckConstraint(condition=models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('since_at')), _connector='OR'), name='members_segment_member_period'),
        ),
        BuildWalls(),
    ]
