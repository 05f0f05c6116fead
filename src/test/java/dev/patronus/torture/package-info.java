/// The torture suite: the packaged program under kills, power cuts, failing disks, locks, clocks
/// and floods, at random moments.
///
/// In: the program, a seed, a size ([Torture]). Out: after each disturbance the database is intact
/// and keeps its foreign keys; what was acknowledged is there; counters are never smaller than what
/// was shown and never larger than what was sent; exports have each row once; no file is left over.
/// Never knows: how the program does it.
///
/// `src/test/c/diskshim.c` stands between a program and its disk and clock: it records, lets calls
/// fail, kills, and moves the time. [PowerCut] plays a recording up to any moment, onto a disk that
/// has lost, torn and reordered what was not synced.
///
/// A short form runs in every `./mvnw verify`, the long one by `./mvnw -Ptorture verify` ([Torture]
/// has its size). A failure says how to repeat it. Chances come from the seed; when a signal or a
/// lock meets the program does not, so what depends on that may take some runs to come again.
///
/// Proofs: builds that were broken, on purpose or before they were repaired, and what failed on
/// them.
///
/// | broken | failed |
/// |---|---|
/// | a folder is not synced behind a rename | power cut: a copy that was acknowledged is the old one |
/// | a file is not synced before its rename | power cut: an export's state is empty |
/// | `PRAGMA synchronous` is FULL with a rollback journal | power cut: a prune, and a daemon's reset, are undone |
/// | the counters' file is not synced before a reset is acknowledged | power cut: the old counters are back |
/// | counters are cleared before the reset's commit | daemon killed: counters gone without an audit row |
/// | a site's deletion commits in two parts | command killed: an archive beside a site that is there |
/// | a prune whose disk is full says that nothing was changed, whatever it deleted before | command's disk: something was changed |
/// | a file's temporary name cannot be removed, and its commit fails though it has its name | command's disk: rows are exported twice |
/// | no snapshot is tried again after one failed | daemon's disk: no further snapshot comes |
/// | templates have no limit in bytes, and an `OutOfMemoryError` ends a thread | flood of templates: counts no more, and has not ended |
/// | what finds the database locked does not wait and ends with 0 | lock: a deletion that was done is not there |
/// | no snapshot is due while the clock is behind the last one | clock: no further snapshot comes |
/// | the database file is opened beside SQLite | together: a deletion that was acknowledged is gone |
/// | rows that a restore brings back are not exported | exactly once: rows are missing |
/// | names of policies have no limit | flood by a long name: saves no more, and has not ended |
/// | the token of a batch is not written down before it is sent | fleet outage: the second epoch is never complete, because each round begins another |
package dev.patronus.torture;
