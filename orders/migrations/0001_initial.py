import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('inventory', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='ResupplyOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('station', models.ForeignKey(help_text='Who asks.', on_delete=django.db.models.deletion.PROTECT, related_name='resupply_orders', to='stations.station')),
                ('source', models.ForeignKey(help_text='Who supplies.', on_delete=django.db.models.deletion.PROTECT, related_name='orders_to_fill', to='stations.station')),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('submitted', 'Waiting for approval'), ('approved', 'Approved'), ('in_fulfilment', 'In fulfilment'), ('closed', 'Closed'), ('rejected', 'Rejected'), ('cancelled', 'Cancelled')], default='draft', max_length=14)),
                ('priority', models.PositiveSmallIntegerField(choices=[(0, 'Routine'), (1, 'Urgent'), (2, 'Stat')], default=0)),
                ('needed_by', models.DateTimeField(blank=True, null=True)),
                ('is_automatic', models.BooleanField(default=False, help_text='Drafted by the sweep.')),
                ('comment', models.CharField(blank=True, max_length=300)),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='resupply_orders', to=settings.AUTH_USER_MODEL)),
                ('created_at', models.DateTimeField()),
                ('submitted_at', models.DateTimeField(blank=True, null=True)),
                ('approved_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, help_text='When it ended, however it ended.', null=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', '-priority', 'submitted_at'], name='orders_by_state_and_urgency'), models.Index(fields=['station', 'state'], name='orders_of_a_station')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_automatic', True), ('state', 'draft')), fields=('station',), name='one_automatic_draft_per_station'), models.CheckConstraint(condition=models.Q(('station', models.F('source')), _negated=True), name='a_station_does_not_order_from_itself'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('state__in', ['rejected', 'cancelled']), models.Q(('requested_by__isnull', False), ('submitted_at__isnull', False)), _connector='OR'), name='a_submitted_order_says_who_and_when'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['approved', 'in_fulfilment', 'closed']), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='an_approved_order_says_when'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['closed', 'rejected', 'cancelled'])), models.Q(models.Q(('state__in', ['closed', 'rejected', 'cancelled']), _negated=True), ('closed_at__isnull', True)), _connector='OR'), name='an_ended_order_says_when')],
            },
        ),
        migrations.CreateModel(
            name='OrderLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.resupplyorder')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='inventory.item')),
                ('location', models.ForeignKey(help_text='Where it goes.', on_delete=django.db.models.deletion.PROTECT, related_name='order_lines', to='stations.location')),
                ('asked', models.PositiveIntegerField()),
                ('is_edited', models.BooleanField(default=False, help_text='A person chose this quantity: the sweep leaves it.')),
                ('approved', models.PositiveIntegerField(blank=True, null=True)),
                ('approval_reason', models.CharField(blank=True, max_length=200)),
                ('allocated', models.PositiveIntegerField(default=0)),
                ('shipped', models.PositiveIntegerField(default=0)),
                ('received', models.PositiveIntegerField(default=0)),
                ('damaged', models.PositiveIntegerField(default=0)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('cancelled', models.PositiveIntegerField(default=0)),
                ('suggested', models.PositiveIntegerField(blank=True, null=True)),
                ('par', models.PositiveIntegerField(blank=True, null=True)),
                ('minimum', models.PositiveIntegerField(blank=True, null=True)),
                ('usable', models.PositiveIntegerField(blank=True, null=True)),
                ('expiring', models.PositiveIntegerField(blank=True, null=True)),
                ('inbound', models.PositiveIntegerField(blank=True, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['location', 'item'], name='order_lines_of_a_par_level')],
                'constraints': [models.UniqueConstraint(fields=('order', 'location', 'item'), name='an_item_is_asked_once_per_order'), models.CheckConstraint(condition=models.Q(('approved__isnull', True), ('approved__lte', models.F('asked')), _connector='OR'), name='approved_is_at_most_asked', violation_error_message='More cannot be approved than was asked for.'), models.CheckConstraint(condition=models.Q(('approved__isnull', True), ('approved', models.F('asked')), models.Q(('approval_reason', ''), _negated=True), _connector='OR'), name='less_than_asked_has_a_reason', violation_error_message='Say why less is approved than was asked for.'), models.CheckConstraint(condition=models.Q(('approved__isnull', False), models.Q(('allocated', 0), ('cancelled', 0), ('shipped', 0)), _connector='OR'), name='nothing_moves_before_approval'), models.CheckConstraint(condition=models.Q(('approved__isnull', True), ('approved__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('allocated'), '+', models.F('shipped')), '+', models.F('cancelled'))), _connector='OR'), name='shipped_is_at_most_approved'), models.CheckConstraint(condition=models.Q(('shipped__gte', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('received'), '+', models.F('damaged')), '+', models.F('missing')))), name='received_is_at_most_shipped')],
            },
        ),
        migrations.CreateModel(
            name='ApprovalStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('order', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='approval_steps', to='orders.resupplyorder')),
                ('position', models.PositiveSmallIntegerField()),
                ('role', models.CharField(choices=[('officer', 'Station officer'), ('logistics', 'Logistics'), ('driver', 'Driver'), ('chief', 'Chief'), ('auditor', 'Auditor')], max_length=12)),
                ('rule', models.CharField(choices=[('standard', 'Every request'), ('scheduled', 'Scheduled drug'), ('cost', 'Cost over the limit'), ('off_list', "Item not on the station's list")], max_length=10)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('order', 'position'), name='one_approval_step_per_position'), models.UniqueConstraint(fields=('order', 'decided_by'), name='a_person_approves_an_order_once', violation_error_message="You have approved this order already; the next step is another person's."), models.CheckConstraint(condition=models.Q(models.Q(('decided_at__isnull', True), ('decided_by__isnull', True)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False)), _connector='OR'), name='an_approval_says_who_and_when')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Shortfall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('location', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shortfalls', to='stations.location')),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='shortfalls', to='inventory.item')),
                ('par', models.PositiveIntegerField()),
                ('minimum', models.PositiveIntegerField()),
                ('usable', models.PositiveIntegerField()),
                ('expiring', models.PositiveIntegerField(help_text='On hand, but not usable until the delivery after next.')),
                ('inbound', models.PositiveIntegerField(help_text='Approved and not yet received.')),
                ('awaiting', models.PositiveIntegerField(help_text='Asked for, and waiting for approval.')),
                ('need', models.PositiveIntegerField(help_text='par − usable − inbound, in whole issue packs.')),
                ('since', models.DateTimeField(help_text='The sweep that first found it short.')),
                ('swept_at', models.DateTimeField(help_text='The last sweep, which found it short still.')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('location', 'item'), name='one_shortfall_per_location_and_item')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='DeliveryRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('depot', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='stations.station')),
                ('van', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='stations.unit')),
                ('driver', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to=settings.AUTH_USER_MODEL)),
                ('run_on', models.DateField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('loading', 'Loading'), ('out', 'Out'), ('completed', 'Completed'), ('cancelled', 'Cancelled')], default='planned', max_length=10)),
                ('leaves_at', models.DateTimeField(help_text='Planned departure.')),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('completed_at', models.DateTimeField(blank=True, null=True)),
                ('distance_m', models.PositiveIntegerField(default=0, help_text='Planned, in metres, there and back.')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'ordering': ['-run_on', 'leaves_at', 'pk'],
                'indexes': [models.Index(fields=['state', 'run_on'], name='runs_by_state_and_day')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'out')), fields=('van',), name='a_van_is_on_one_run_at_a_time'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['out', 'completed']), _negated=True), models.Q(('driver__isnull', False), ('left_at__isnull', False)), _connector='OR'), name='a_run_that_left_says_when_and_who_drives')],
            },
        ),
        migrations.CreateModel(
            name='Stop',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('run', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='stops', to='orders.deliveryrun')),
                ('station', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stops', to='stations.station')),
                ('position', models.PositiveSmallIntegerField()),
                ('state', models.CharField(choices=[('planned', 'Planned'), ('arrived', 'Arrived'), ('delivered', 'Delivered'), ('missed', 'Missed')], default='planned', max_length=10)),
                ('window_start', models.DateTimeField()),
                ('window_end', models.DateTimeField()),
                ('planned_at', models.DateTimeField()),
                ('arrived_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('handed_to', models.CharField(blank=True, help_text='Who took the delivery, or where it was left.', max_length=80)),
                ('missed_reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(fields=('run', 'station'), name='a_run_stops_once_per_station'), models.UniqueConstraint(fields=('run', 'position'), name='one_stop_per_position'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'delivered'), _negated=True), models.Q(('left_at__isnull', False), models.Q(('handed_to', ''), _negated=True)), _connector='OR'), name='a_delivery_has_a_proof', violation_error_message='Say who took the delivery, or where it was left.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'missed'), _negated=True), models.Q(('missed_reason', ''), _negated=True), _connector='OR'), name='a_missed_stop_has_a_reason', violation_error_message='Say why the delivery was not made.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Shipment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipments_out', to='stations.station')),
                ('destination', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipments_in', to='stations.station')),
                ('state', models.CharField(choices=[('planned', 'To pick'), ('picking', 'Picking'), ('packed', 'Packed'), ('dispatched', 'On its way'), ('delivered', 'Delivered'), ('received', 'Received'), ('cancelled', 'Cancelled')], default='planned', max_length=10)),
                ('priority', models.PositiveSmallIntegerField(choices=[(0, 'Routine'), (1, 'Urgent'), (2, 'Stat')], default=0)),
                ('stop', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='shipments', to='orders.stop')),
                ('totes', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('picker', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('packed_at', models.DateTimeField(blank=True, null=True)),
                ('dispatched_at', models.DateTimeField(blank=True, null=True)),
                ('delivered_at', models.DateTimeField(blank=True, null=True)),
                ('received_at', models.DateTimeField(blank=True, null=True)),
                ('received_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['state', '-priority', 'created_at'], name='shipments_by_state'), models.Index(fields=['destination', 'state'], name='shipments_to_a_station')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'planned')), fields=('source', 'destination'), name='one_shipment_to_pick_per_station'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['dispatched', 'delivered', 'received']), _negated=True), models.Q(('dispatched_at__isnull', False), ('packed_at__isnull', False), ('stop__isnull', False)), _connector='OR'), name='a_shipment_is_packed_before_it_leaves_on_a_run'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'received'), _negated=True), models.Q(('delivered_at__isnull', False), ('received_at__isnull', False), ('received_by__isnull', False)), _connector='OR'), name='a_receipt_says_who_and_when')],
            },
        ),
        migrations.CreateModel(
            name='ShipmentLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('shipment', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='orders.shipment')),
                ('order_line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipment_lines', to='orders.orderline')),
                ('level', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shipment_lines', to='inventory.stocklevel')),
                ('quantity', models.PositiveIntegerField()),
                ('is_picked', models.BooleanField(default=False)),
                ('lot_reason', models.CharField(blank=True, help_text='Why this lot was taken and not the one that expires first.', max_length=120)),
                ('accepted', models.PositiveIntegerField(blank=True, null=True)),
                ('damaged', models.PositiveIntegerField(default=0)),
                ('missing', models.PositiveIntegerField(default=0)),
                ('receipt_reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('shipment', 'order_line', 'level'), name='one_shipment_line_per_order_line_and_lot'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='a_shipment_line_ships_something'), models.CheckConstraint(condition=models.Q(models.Q(('accepted__isnull', True), ('damaged', 0), ('missing', 0)), ('quantity', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('accepted'), '+', models.F('damaged')), '+', models.F('missing'))), _connector='OR'), name='received_damaged_and_missing_are_what_was_shipped', violation_error_message='Accepted, damaged and missing must add up to what was shipped.'), models.CheckConstraint(condition=models.Q(models.Q(('damaged', 0), ('missing', 0)), models.Q(('receipt_reason', ''), _negated=True), _connector='OR'), name='damaged_or_missing_has_a_reason', violation_error_message='Say what was damaged or missing.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Discrepancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='discrepancies', to='orders.shipmentline')),
                ('kind', models.CharField(choices=[('damaged', 'Damaged'), ('missing', 'Missing')], max_length=8)),
                ('quantity', models.PositiveIntegerField()),
                ('reported_at', models.DateTimeField()),
                ('resolution', models.CharField(blank=True, choices=[('found', 'Found and handed to the station'), ('returned', 'Came back to the source'), ('discarded', 'Discarded'), ('lost', 'Lost')], max_length=10)),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=200)),
            ],
            options={
                'verbose_name_plural': 'discrepancies',
                'indexes': [models.Index(fields=['resolution', 'reported_at'], name='discrepancies_by_resolution')],
                'constraints': [models.UniqueConstraint(fields=('line', 'kind'), name='one_discrepancy_of_a_kind_per_line'), models.CheckConstraint(condition=models.Q(('quantity__gte', 1)), name='a_discrepancy_is_about_something'), models.CheckConstraint(condition=models.Q(models.Q(('resolution', ''), ('settled_at__isnull', True), ('settled_by__isnull', True)), models.Q(models.Q(('resolution', ''), _negated=True), models.Q(('reason', ''), _negated=True), ('settled_at__isnull', False), ('settled_by__isnull', False)), _connector='OR'), name='a_settlement_says_who_when_and_why')],
            },
        ),
    ]
