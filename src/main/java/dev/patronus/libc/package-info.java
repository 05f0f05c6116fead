/// The C library's calls that the JDK lacks, one class for each kind of object that they open.
///
/// In: addresses and bytes. Out: bytes, and the system's errors as [java.io.IOException]s that name
/// call and reason. Never knows: what the bytes mean.
@NullMarked
package dev.patronus.libc;

import org.jspecify.annotations.NullMarked;
