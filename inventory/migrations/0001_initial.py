import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('stations', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Item',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sku', models.CharField(max_length=40, unique=True, verbose_name='SKU')),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('consumable', 'Consumable'), ('medication', 'Medication'), ('equipment', 'Equipment')], default='consumable', max_length=12)),
                ('unit_of_measure', models.CharField(default='each', max_length=20)),
                ('gtin', models.CharField(blank=True, max_length=14, verbose_name='GTIN')),
                ('ndc', models.CharField(blank=True, help_text='With its dashes: 4-4-2, 5-3-2 or 5-4-1.', max_length=14, verbose_name='NDC')),
                ('schedule', models.CharField(blank=True, choices=[('', 'Not scheduled'), ('II', 'Schedule II'), ('III', 'Schedule III'), ('IV', 'Schedule IV'), ('V', 'Schedule V')], default='', max_length=3)),
                ('criticality', models.CharField(choices=[('A', 'Life-saving'), ('B', 'Essential'), ('C', 'Routine')], default='C', max_length=1)),
                ('storage', models.CharField(choices=[('room', 'Room temperature'), ('cold', 'Refrigerated'), ('frozen', 'Frozen')], default='room', max_length=8)),
                ('weight_g', models.PositiveIntegerField(default=0, help_text='Grams, each.')),
                ('volume_ml', models.PositiveIntegerField(default=0, help_text='Millilitres, each.')),
                ('unit_cost_cents', models.PositiveIntegerField(default=0, help_text='Cents, each.')),
                ('is_active', models.BooleanField(default=True)),
            ],
            options={
                'ordering': ['name'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('gtin', ''), _negated=True), fields=('gtin',), name='one_item_per_gtin'), models.CheckConstraint(condition=models.Q(('schedule', ''), ('kind', 'medication'), _connector='OR'), name='only_a_medication_is_scheduled', violation_error_message='Only a medication can be on a DEA schedule.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Pack',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='packs', to='inventory.item')),
                ('name', models.CharField(help_text='box, case, tray', max_length=20)),
                ('quantity', models.PositiveIntegerField(help_text='Base units in one pack.')),
                ('gtin', models.CharField(blank=True, max_length=14, verbose_name='GTIN')),
                ('is_issue_pack', models.BooleanField(default=False, help_text='Stations get whole packs of this size.')),
            ],
            options={
                'ordering': ['quantity'],
                'constraints': [models.UniqueConstraint(fields=('item', 'name'), name='one_pack_of_a_name'), models.UniqueConstraint(condition=models.Q(('is_issue_pack', True)), fields=('item',), name='one_issue_pack_per_item'), models.UniqueConstraint(condition=models.Q(('gtin', ''), _negated=True), fields=('gtin',), name='one_pack_per_gtin'), models.CheckConstraint(condition=models.Q(('quantity__gte', 2)), name='a_pack_holds_more_than_one')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='KindPolicy',
            fields=[
                ('kind', models.CharField(choices=[('consumable', 'Consumable'), ('medication', 'Medication'), ('equipment', 'Equipment')], max_length=12, primary_key=True, serialize=False)),
                ('horizon_days', models.PositiveSmallIntegerField(blank=True, help_text="Usable stock lasts this long. Empty: the station's review days + lead days.", null=True)),
                ('expiring_days', models.PositiveSmallIntegerField(default=90, help_text='Stock that expires within this is shown.')),
            ],
            options={
                'verbose_name_plural': 'kind policies',
                'indexes': [],
                'constraints': [],
            },
        ),
        migrations.CreateModel(
            name='Lot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='inventory.item')),
                ('number', models.CharField(blank=True, max_length=40)),
                ('serial_number', models.CharField(blank=True, max_length=40)),
                ('expires_on', models.DateField(blank=True, help_text='The last day on which it may be used.', null=True)),
                ('status', models.CharField(choices=[('usable', 'Usable'), ('quarantined', 'Quarantined'), ('recalled', 'Recalled')], default='usable', max_length=12)),
            ],
            options={
                'indexes': [models.Index(fields=['expires_on'], name='lots_by_expiry')],
                'constraints': [models.UniqueConstraint(fields=('item', 'number', 'serial_number'), name='one_lot_of_a_number')],
            },
        ),
        migrations.CreateModel(
            name='StockLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock_levels', to='stations.location')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stock_levels', to='inventory.lot')),
                ('on_hand', models.PositiveIntegerField(default=0, editable=False)),
                ('allocated', models.PositiveIntegerField(default=0, help_text='Promised to orders, not yet shipped.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('location', 'lot'), name='one_stock_level_per_location_and_lot'), models.CheckConstraint(condition=models.Q(('on_hand__gte', 0)), name='no_physical_stock_is_negative'), models.CheckConstraint(condition=models.Q(('allocated__lte', models.F('on_hand'))), name='allocated_stock_is_on_hand', violation_error_message='More stock is allocated than is on hand.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='StockMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='inventory.lot')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements_out', to='stations.location')),
                ('destination', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements_in', to='stations.location')),
                ('quantity', models.PositiveIntegerField()),
                ('reason', models.CharField(choices=[('opening', 'Opening stock'), ('received', 'Received from supplier'), ('dispatched', 'Dispatched'), ('delivered', 'Received at station'), ('returned', 'Came back'), ('transferred', 'Transferred'), ('restocked', 'Restocked a unit'), ('used', 'Used on a patient'), ('wasted', 'Wasted'), ('discarded', 'Discarded'), ('counted', 'Count variance'), ('lost', 'Lost in transit'), ('corrected', 'Correction')], max_length=12)),
                ('reference', models.CharField(blank=True, help_text='Incident, purchase order or label.', max_length=60)),
                ('moved_at', models.DateTimeField()),
                ('moved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='movements', to=settings.AUTH_USER_MODEL)),
                ('witness', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='witnessed_movements', to=settings.AUTH_USER_MODEL)),
                ('command', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='movements', to='stations.command')),
                ('reverses', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversed_by', to='inventory.stockmovement')),
            ],
            options={
                'indexes': [models.Index(fields=['source', 'lot'], name='movements_out_of_a_level'), models.Index(fields=['destination', 'lot'], name='movements_into_a_level'), models.Index(fields=['reason', 'moved_at'], name='movements_by_reason_and_time')],
                'constraints': [models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='a_movement_moves_something'), models.CheckConstraint(condition=models.Q(('source', models.F('destination')), _negated=True), name='a_movement_goes_somewhere'), models.CheckConstraint(condition=models.Q(('witness__isnull', True), models.Q(('witness', models.F('moved_by')), _negated=True), _connector='OR'), name='nobody_witnesses_themselves')],
            },
        ),
        migrations.CreateModel(
            name='ParLevel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='par_levels', to='stations.location')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='par_levels', to='inventory.item')),
                ('par', models.PositiveIntegerField(help_text='Fill up to this, in base units.')),
                ('minimum', models.PositiveIntegerField(help_text='Act below this, in base units.')),
                ('bin', models.CharField(blank=True, max_length=20)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('location', 'item'), name='one_par_level_per_location_and_item'), models.CheckConstraint(condition=models.Q(('minimum__lte', models.F('par'))), name='minimum_is_at_most_par', violation_error_message='The minimum must not be above the par.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='CycleCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cycle_counts', to='stations.location')),
                ('state', models.CharField(choices=[('open', 'Open'), ('counted', 'Counted'), ('posted', 'Posted'), ('cancelled', 'Cancelled')], default='open', max_length=10)),
                ('is_blind', models.BooleanField(default=False)),
                ('opened_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField()),
                ('posted_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['open', 'counted'])), fields=('location',), name='one_count_at_a_time_per_location', violation_error_message='This place is already being counted.'), models.CheckConstraint(condition=models.Q(models.Q(('posted_at__isnull', False), ('state', 'posted')), models.Q(models.Q(('state', 'posted'), _negated=True), ('posted_at__isnull', True)), _connector='OR'), name='a_posted_count_says_when')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='CountLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('count', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='inventory.cyclecount')),
                ('lot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='inventory.lot')),
                ('expected', models.PositiveIntegerField()),
                ('counted', models.PositiveIntegerField(blank=True, null=True)),
                ('counted_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=120)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('count', 'lot'), name='a_lot_is_counted_once'), models.CheckConstraint(condition=models.Q(models.Q(('counted__isnull', True), ('counted_at__isnull', True)), models.Q(('counted__isnull', False), ('counted_at__isnull', False)), _connector='OR'), name='a_counted_line_says_when')],
                'indexes': [],
            },
        ),
    ]
