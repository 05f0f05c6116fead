/// Exit codes, and the errors that a user can act on.
///
/// In: a sentence that says what failed, on which object, and the next step. Out: the exit code
/// that a script sees. Never knows: how a message is shown.
@NullMarked
package dev.patronus.error;

import org.jspecify.annotations.NullMarked;
