/// Failover policies, their events, and how a deletion changes their references to paths.
///
/// In: the texts of `sdwan_failover_policies`. Out: [FailoverPolicy], [FailoverEvent],
/// [BackupPaths], [FailoverUse], [FailoverChange]. Never knows: SQL, how a change is shown.
@NullMarked
package dev.patronus.site.failover;

import org.jspecify.annotations.NullMarked;
