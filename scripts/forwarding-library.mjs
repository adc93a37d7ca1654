// A Windows library for wine 8, which lacks bcryptprimitives.dll: esbuild and rolldown call its ProcessPrng. The library has no code. Its only
// export is forwarded to a function of advapi32.dll that does the same. The layout is that of Microsoft's page on the PE format.

const alignment = 0x200;
const address = 0x1000;

export const forwardingLibrary = forward("bcryptprimitives.dll", "ProcessPrng", "advapi32.SystemFunction036");

function forward(library, name, target) {
  const file = Buffer.alloc(2 * alignment);
  const number = (offset, size, value) => file.writeUIntLE(value, offset, size);
  const section = writeHeaders(file, number);
  file.write(".edata", section);
  for (const [offset, value] of [
    [8, alignment],
    [12, address],
    [16, alignment],
    [20, alignment],
    [36, 0x40000040],
  ])
    number(section + offset, 4, value);

  // The export directory, its three tables of one entry each, and the texts that they point to.
  let end = 60;
  const text = (value) => {
    const start = end;
    end += file.write(`${value}\0`, alignment + start, "latin1");
    return address + start;
  };
  for (const [offset, value] of [
    [12, text(library)],
    [16, 1],
    [20, 1],
    [24, 1],
    [28, address + 40],
    [32, address + 44],
    [36, address + 48],
    [40, text(target)],
    [44, text(name)],
  ])
    number(alignment + offset, 4, value);
  return file;
}

/** Returns where the section table starts. */
function writeHeaders(file, number) {
  const coff = 0x44;
  const optional = coff + 20;
  file.write("MZ");
  file.write("PE\0\0", 0x40);
  for (const [offset, size, value] of [
    [0x3c, 4, 0x40],
    // x64, one section, a library that may use all addresses.
    [coff, 2, 0x8664],
    [coff + 2, 2, 1],
    [coff + 16, 2, 240],
    [coff + 18, 2, 0x2022],
    // PE32+, where the file is loaded, how it is aligned, the version of Windows, its sizes.
    [optional, 2, 0x20b],
    [optional + 24, 6, 0x180000000],
    [optional + 32, 4, address],
    [optional + 36, 4, alignment],
    [optional + 40, 2, 6],
    [optional + 48, 2, 6],
    [optional + 56, 4, 2 * address],
    [optional + 60, 4, alignment],
    [optional + 68, 2, 3],
    [optional + 70, 2, 0x160],
    [optional + 72, 4, 0x100000],
    [optional + 80, 4, 0x1000],
    [optional + 88, 4, 0x100000],
    [optional + 96, 4, 0x1000],
    // 16 directories, of which the first is the exports.
    [optional + 108, 4, 16],
    [optional + 112, 4, address],
    [optional + 116, 4, alignment],
  ])
    number(offset, size, value);
  return optional + 240;
}
