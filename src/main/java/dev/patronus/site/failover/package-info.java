/// The references of failover policies to paths, and how a deletion changes them.
///
/// In: the texts of `sdwan_failover_policies`. Out: [BackupPaths], [FailoverUse], [FailoverChange].
/// Never knows: SQL, how a change is shown.
package dev.patronus.site.failover;
