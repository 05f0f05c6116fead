/// The only room with SQL: [Database] (open, migrate, one transaction per intention) and one class
/// per table.
///
/// In: the mind's values and questions. Out: rows as values; SQLite's errors as sentences, each
/// with its exit code. Never knows: who asks, how an answer is shown.
package dev.patronus.store;
