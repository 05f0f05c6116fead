/// The evaluation of alert rules with each snapshot.
///
/// In: rules, the snapshot and the one before, what the database knows of sites, paths and earlier
/// days, the daemon's own counters. Out: the states of the alerts, for the snapshot's transaction
/// and the metrics page; notices for the configured actions. Never knows: how a rule is written,
/// how a notice is delivered.
@NullMarked
package dev.patronus.daemon.alert;

import org.jspecify.annotations.NullMarked;
