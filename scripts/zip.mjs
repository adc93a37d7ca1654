// Reads and writes zip archives. A written archive depends on its contents and one date only, unlike those of most tools.
import { crc32, deflateRawSync, inflateRawSync } from "node:zlib";

const localHeader = 0x04034b50;
const directoryHeader = 0x02014b50;
const endOfDirectory = 0x06054b50;

/**
 * @param {Buffer} archive
 * @returns {Map<string, Buffer>} the contents of each file, by its path in the archive
 */
export function readZip(archive) {
  const files = new Map();
  const end = archive.lastIndexOf(Buffer.from("PK\x05\x06"));
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    const method = archive.readUInt16LE(at + 10);
    const size = archive.readUInt32LE(at + 20);
    const [name, extra, comment] = [28, 30, 32].map((offset) => archive.readUInt16LE(at + offset));
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = archive.subarray(start, start + size);
    files.set(archive.toString("utf8", at + 46, at + 46 + name), method === 0 ? data : inflateRawSync(data));
    at += 46 + name + extra + comment;
  }
  return files;
}

/**
 * @param {Iterable<[string, Buffer]>} files the contents of each file by its path, in the order of the archive
 * @param {Date} date the time of all files, in UTC
 */
export function writeZip(files, date) {
  const parts = [];
  const directory = [];
  let offset = 0;
  for (const [path, contents] of files) {
    const name = Buffer.from(path);
    const data = deflateRawSync(contents, { level: 9 });
    const common = commonHeader(name, contents, data, date);
    const local = Buffer.concat([uint32(localHeader), common, name, data]);
    // Made by version 2.0 on Unix; no comment, disk 0, binary, a regular file with mode 0644, and the place of the local header.
    const made = Buffer.concat([uint32(directoryHeader), uint16(0x0314)]);
    const place = [uint16(0), uint16(0), uint16(0), uint32(0o100644 * 0x10000), uint32(offset)];
    directory.push(Buffer.concat([made, common, ...place, name]));
    parts.push(local);
    offset += local.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const counts = [uint16(0), uint16(0), uint16(parts.length), uint16(parts.length)];
  const end = [uint32(endOfDirectory), ...counts, uint32(size), uint32(offset), uint16(0)];
  return Buffer.concat([...parts, ...directory, ...end]);
}

/** The fields that a local header and the directory share: version 2.0, names in UTF-8, deflated. */
function commonHeader(name, contents, data, date) {
  const time = (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  const day = ((date.getUTCFullYear() - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  const sizes = [uint32(crc32(contents)), uint32(data.length), uint32(contents.length)];
  const head = [20, 0x0800, 8, time, day].map(uint16);
  return Buffer.concat([...head, ...sizes, uint16(name.length), uint16(0)]);
}

function uint16(value) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
