/// JSON text as a small sealed value, and back.
///
/// In: text that others wrote (rules of a policy, a line on the control socket). Out: [Json], or
/// [UnreadableJson] with position and reason. Never knows: what a member means.
@NullMarked
package dev.patronus.json;

import org.jspecify.annotations.NullMarked;
