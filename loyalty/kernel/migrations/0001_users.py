import django.contrib.postgres.operations
from django.db import migrations, models

import loyalty.kernel.ids
import loyalty.kernel.models.users


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        django.contrib.postgres.operations.CreateExtension('pg_trgm'),
        django.contrib.postgres.operations.CreateExtension('btree_gist'),
        django.contrib.postgres.operations.CreateExtension('unaccent'),
        migrations.RunSQL(loyalty.kernel.ids.SEQUENCE_SQL, 'DROP SEQUENCE loyalty_id_low'),
        migrations.RunSQL(loyalty.kernel.ids.FUNCTION_SQL, 'DROP FUNCTION loyalty_next_id()'),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('email', models.EmailField(max_length=254, unique=True, verbose_name='e-mail')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('realm', models.CharField(choices=[('staff', 'Staff'), ('partner', 'Partner'), ('member', 'Member')], default='staff', max_length=10, verbose_name='realm')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('is_operator', models.BooleanField(default=False, help_text='Runs the platform: programs, users, jobs. Grants no points.', verbose_name='operator')),
                ('language', models.CharField(choices=[('en', 'English'), ('pl', 'Polski'), ('ru', 'Русский')], default='en', max_length=7, verbose_name='language')),
                ('timezone', models.CharField(default='UTC', max_length=64, verbose_name='time zone')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'db_table': 'loyalty_user',
            },
        ),
    ]
