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
/// A short form runs in every `./mvnw verify`, the long one by `./mvnw -Ptorture verify`. A failure
/// says how to repeat it. Chances come from the seed; when a signal or a lock meets the program
/// does not, so what depends on that may take some runs to come again.
package dev.patronus.torture;
