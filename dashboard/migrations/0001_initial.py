import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='DailySnapshot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(help_text="In the division's time zone.")),
                ('station', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='snapshots', to='stations.station')),
                ('taken_at', models.DateTimeField()),
                ('stations', models.PositiveIntegerField()),
                ('stations_ready', models.PositiveIntegerField()),
                ('lines_asked', models.PositiveIntegerField(help_text='Order lines judged in the last 28 days.')),
                ('lines_filled', models.PositiveIntegerField()),
                ('par_lines', models.PositiveIntegerField()),
                ('par_lines_out', models.PositiveIntegerField()),
                ('receipt_minutes', models.PositiveIntegerField(blank=True, help_text='Median from request to receipt. Empty: nothing was received.', null=True)),
                ('backorders_overdue', models.PositiveIntegerField()),
                ('expiring_cents', models.PositiveBigIntegerField()),
                ('expired_cents', models.PositiveBigIntegerField()),
                ('places', models.PositiveIntegerField()),
                ('places_counted', models.PositiveIntegerField()),
            ],
            options={
                'ordering': ['day', 'station_id'],
                'constraints': [models.UniqueConstraint(fields=('station', 'day'), name='one_snapshot_per_station_and_day'), models.UniqueConstraint(condition=models.Q(('station__isnull', True)), fields=('day',), name='one_snapshot_of_the_division_per_day'), models.CheckConstraint(condition=models.Q(('lines_filled__lte', models.F('lines_asked')), ('par_lines_out__lte', models.F('par_lines')), ('places_counted__lte', models.F('places')), ('stations_ready__lte', models.F('stations'))), name='a_share_is_at_most_the_whole')],
                'indexes': [],
            },
        ),
    ]
