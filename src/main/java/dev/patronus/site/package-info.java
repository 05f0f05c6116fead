/// The platform's places and the ways between them, as the database holds them: [Site], [Endpoint],
/// [Path].
///
/// In: what a row says, unknown words included. Out: immutable values that can be compared and
/// asked. Never knows: SQL, scores, or who deletes what.
package dev.patronus.site;
