/// How things end: exit codes, and the errors that a user can do something about.
///
/// In: a sentence that says what, which, and what to do next. Out: the code that a script sees.
/// Never knows: how a message is shown.
package dev.patronus.error;
