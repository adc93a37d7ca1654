using System.Buffers.Binary;
using System.Numerics;

namespace RoleCredentials;

/// <summary>
/// SHA-256 (FIPS 180-4), for the core's files. That of .NET is OpenSSL's on Linux, which takes longer to load than all three files take
/// here, and Node would wait for it at each start of a session.
/// </summary>
internal static class Sha256
{
    private const int BlockSize = 64;

    // The first 32 bits behind the point of the cube roots of the first 64 primes.
    private static readonly uint[] Constants =
    [
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
        0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
        0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
        0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
        0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
        0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
        0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
    ];

    /// <summary>The digest in hexadecimal.</summary>
    internal static string Hex(ReadOnlySpan<byte> content)
    {
        Span<uint> state = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
        var whole = content.Length / BlockSize * BlockSize;
        for (var at = 0; at < whole; at += BlockSize) Add(state, content.Slice(at, BlockSize));
        // What is left, a one bit, zeros, and the length in bits: one block, or two.
        Span<byte> end = stackalloc byte[2 * BlockSize];
        end.Clear();
        var rest = content[whole..];
        rest.CopyTo(end);
        end[rest.Length] = 0x80;
        end = end[..(rest.Length + 9 <= BlockSize ? BlockSize : 2 * BlockSize)];
        BinaryPrimitives.WriteUInt64BigEndian(end[^8..], (ulong)content.Length * 8);
        for (var at = 0; at < end.Length; at += BlockSize) Add(state, end.Slice(at, BlockSize));
        Span<byte> digest = stackalloc byte[4 * state.Length];
        for (var at = 0; at < state.Length; at++) BinaryPrimitives.WriteUInt32BigEndian(digest[(4 * at)..], state[at]);
        return Convert.ToHexString(digest);
    }

    private static void Add(Span<uint> state, ReadOnlySpan<byte> block)
    {
        Span<uint> words = stackalloc uint[BlockSize];
        for (var t = 0; t < 16; t++) words[t] = BinaryPrimitives.ReadUInt32BigEndian(block[(t * 4)..]);
        for (var t = 16; t < BlockSize; t++)
        {
            uint x = words[t - 15], y = words[t - 2];
            var s0 = BitOperations.RotateRight(x, 7) ^ BitOperations.RotateRight(x, 18) ^ (x >> 3);
            var s1 = BitOperations.RotateRight(y, 17) ^ BitOperations.RotateRight(y, 19) ^ (y >> 10);
            words[t] = words[t - 16] + s0 + words[t - 7] + s1;
        }
        uint a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
        for (var t = 0; t < BlockSize; t++)
        {
            var s1 = BitOperations.RotateRight(e, 6) ^ BitOperations.RotateRight(e, 11) ^ BitOperations.RotateRight(e, 25);
            var t1 = h + s1 + ((e & f) ^ (~e & g)) + Constants[t] + words[t];
            var s0 = BitOperations.RotateRight(a, 2) ^ BitOperations.RotateRight(a, 13) ^ BitOperations.RotateRight(a, 22);
            var t2 = s0 + ((a & b) ^ (a & c) ^ (b & c));
            (h, g, f, e, d, c, b, a) = (g, f, e, d + t1, c, b, a, t1 + t2);
        }
        state[0] += a;
        state[1] += b;
        state[2] += c;
        state[3] += d;
        state[4] += e;
        state[5] += f;
        state[6] += g;
        state[7] += h;
    }
}
