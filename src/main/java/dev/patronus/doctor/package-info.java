/// The checks along a record's way from the packet to the disk: whether records arrive, are
/// decoded, matched and saved, and the next step where they are not.
///
/// In: what the daemon reports and what the machine shows. Out: [Finding]s, in the order of the
/// way. Never knows: where the facts were read, how findings are shown.
@NullMarked
package dev.patronus.doctor;

import org.jspecify.annotations.NullMarked;
