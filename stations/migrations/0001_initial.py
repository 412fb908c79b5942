import django.contrib.auth.models
import django.contrib.auth.validators
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('username', models.CharField(error_messages={'unique': 'A user with that username already exists.'}, help_text='Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.', max_length=150, unique=True, validators=[django.contrib.auth.validators.UnicodeUsernameValidator()], verbose_name='username')),
                ('first_name', models.CharField(blank=True, max_length=150, verbose_name='first name')),
                ('last_name', models.CharField(blank=True, max_length=150, verbose_name='last name')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='email address')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('role', models.CharField(choices=[('officer', 'Station officer'), ('logistics', 'Logistics'), ('driver', 'Driver'), ('chief', 'Chief'), ('auditor', 'Auditor')], default='officer', max_length=12)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
            ],
            options={
                'verbose_name': 'user',
                'verbose_name_plural': 'users',
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('role__in', ['officer', 'logistics', 'driver', 'chief', 'auditor'])), name='a_person_has_a_known_role')],
                'indexes': [],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=20, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('station', 'Station'), ('locker', 'Battalion locker'), ('warehouse', 'Warehouse')], default='station', max_length=12)),
                ('supplied_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supplies', to='stations.station')),
                ('address', models.CharField(blank=True, max_length=200)),
                ('latitude', models.FloatField(validators=[django.core.validators.MinValueValidator(-90), django.core.validators.MaxValueValidator(90)])),
                ('longitude', models.FloatField(validators=[django.core.validators.MinValueValidator(-180), django.core.validators.MaxValueValidator(180)])),
                ('window_start', models.TimeField(help_text="Earliest time of day for a delivery, in the division's time zone.")),
                ('window_end', models.TimeField(help_text='Latest time of day for a delivery to begin.')),
                ('delivery_days', models.PositiveSmallIntegerField(default=127, help_text='Days on which a van may come: bit 0 is Monday, bit 6 is Sunday.')),
                ('review_days', models.PositiveSmallIntegerField(default=7, help_text='Days between two regular deliveries.')),
                ('lead_days', models.PositiveSmallIntegerField(default=2, help_text='Days from a request to its delivery.')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('supplied_by__isnull', True), models.Q(('supplied_by', models.F('id')), _negated=True), _connector='OR'), name='station_does_not_supply_itself'), models.CheckConstraint(condition=models.Q(('kind', 'warehouse'), ('supplied_by__isnull', False), _connector='OR'), name='only_a_warehouse_has_no_supplier', violation_error_message='Say which station or warehouse supplies this one.'), models.CheckConstraint(condition=models.Q(('window_start__lt', models.F('window_end'))), name='delivery_window_opens_before_it_closes', violation_error_message='The delivery window must open before it closes.'), models.CheckConstraint(condition=models.Q(('delivery_days__gte', 1), ('delivery_days__lte', 127)), name='a_station_has_a_delivery_day', violation_error_message='Choose at least one delivery day.'), models.CheckConstraint(condition=models.Q(('latitude__gte', -90), ('latitude__lte', 90), ('longitude__gte', -180), ('longitude__lte', 180)), name='station_is_on_earth'), models.CheckConstraint(condition=models.Q(('review_days__gte', 1)), name='a_station_is_reviewed_at_least_daily_apart')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='stations.station')),
                ('is_read_only', models.BooleanField(default=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'station'), name='one_membership_per_person_and_station')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Unit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text='The call sign: M7, E16.', max_length=20, unique=True)),
                ('kind', models.CharField(choices=[('ambulance', 'Ambulance'), ('engine', 'Engine'), ('supervisor', 'Supervisor vehicle'), ('van', 'Delivery van')], default='ambulance', max_length=12)),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='units', to='stations.station')),
                ('max_weight_g', models.PositiveIntegerField(blank=True, help_text='What a van may carry, in grams.', null=True)),
                ('max_volume_ml', models.PositiveIntegerField(blank=True, help_text='What a van may hold, in millilitres.', null=True)),
                ('is_in_service', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['code'],
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Location',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('supply_room', 'Supply room'), ('safe', 'Safe'), ('unit', 'Unit'), ('van', 'Van'), ('supplier', 'Supplier'), ('consumed', 'Used on patients'), ('wasted', 'Wasted'), ('discarded', 'Discarded'), ('variance', 'Count variance'), ('partner', 'Partner agency')], max_length=12)),
                ('name', models.CharField(max_length=80)),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='locations', to='stations.station')),
                ('unit', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='location', to='stations.unit')),
            ],
            options={
                'ordering': ['pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['supply_room', 'safe']), ('station__isnull', False), ('unit__isnull', True)), models.Q(('kind__in', ['unit', 'van']), ('station__isnull', True), ('unit__isnull', False)), models.Q(('kind__in', ['supplier', 'consumed', 'wasted', 'discarded', 'variance', 'partner']), ('station__isnull', True), ('unit__isnull', True)), _connector='OR'), name='a_location_belongs_where_its_kind_says'), models.UniqueConstraint(condition=models.Q(('kind__in', ['supply_room', 'safe'])), fields=('station', 'kind'), name='one_shelf_of_a_kind'), models.UniqueConstraint(condition=models.Q(('kind__in', ['supplier', 'consumed', 'wasted', 'discarded', 'variance', 'partner'])), fields=('kind',), name='one_virtual_location_of_a_kind')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Command',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('request_id', models.UUIDField(unique=True)),
                ('verb', models.CharField(max_length=60)),
                ('fingerprint', models.CharField(editable=False, max_length=64)),
                ('by', models.ForeignKey(help_text='Empty: the system.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='commands', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(fields=['by', 'at'], name='commands_of_a_person')],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('command', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='stations.command')),
                ('subject_kind', models.CharField(max_length=30)),
                ('subject_id', models.BigIntegerField()),
                ('verb', models.CharField(max_length=60)),
                ('comment', models.TextField(blank=True)),
                ('details', models.JSONField(default=dict)),
            ],
            options={
                'indexes': [models.Index(fields=['subject_kind', 'subject_id', 'id'], name='events_of_a_subject')],
                'constraints': [],
            },
        ),
        migrations.AddField(
            model_name='station',
            name='members',
            field=models.ManyToManyField(related_name='stations', through='stations.Membership', to=settings.AUTH_USER_MODEL),
        ),
    ]
