/// The platform's sites, endpoints and paths, as the database holds them.
///
/// In: the values of a row, unknown words included. Out: immutable values: [Site], [Endpoint],
/// [Path], and the plan of a deletion. Never knows: SQL, scores, which command deletes what.
@NullMarked
package dev.patronus.site;

import org.jspecify.annotations.NullMarked;
