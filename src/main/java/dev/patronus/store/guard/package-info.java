/// The guards: triggers of ours on the platform's tables, without which its own deletions would be
/// refused because of rows that the daemon writes.
///
/// In: the level that is wanted. Out: which guards there are, and one transaction that makes or
/// removes what differs. Never knows: where the level was configured.
@NullMarked
package dev.patronus.store.guard;

import org.jspecify.annotations.NullMarked;
