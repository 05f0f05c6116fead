/// The walk from packet to disk: is anything arriving, decoding, matching, being saved; and where
/// not, what to do about it.
///
/// In: what the daemon says of itself, and what the machine shows. Out: findings, in the order of
/// the walk. Never knows: where the facts were read, how findings are shown.
package dev.patronus.diagnosis;
