/// JSON text becomes a small sealed value, and back.
///
/// In: text that others wrote (rules of a policy, a line on the control socket). Out: [Json], or
/// [UnreadableJson] that says where and what. Never knows: what a member means, or who asked.
package dev.patronus.json;
