/// Files that the program writes: atomic replacement, locks, permissions, and the rule for names
/// that users give.
///
/// In: a name, and bytes. Out: a file that is there completely or not at all, with an explicit mode
/// and owner. Never knows: what the bytes mean, and who asked for them.
package dev.patronus.file;
