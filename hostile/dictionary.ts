/** Words that formats are made of: markers, chunk and box names, tags. */
import type { ImageType } from '../platform.ts'

const text = (...words: string[]) => words.map((word) => Buffer.from(word, 'latin1'))
const hex = (...words: string[]) => words.map((word) => Buffer.from(word.replaceAll(' ', ''), 'hex'))

const isoBoxes = text(
  ...['ftyp', 'meta', 'hdlr', 'pitm', 'iinf', 'infe', 'iloc', 'iref', 'iprp', 'ipco', 'ipma', 'ispe', 'pixi', 'irot'],
  ...['imir', 'clap', 'colr', 'prof', 'nclx', 'auxC', 'auxl', 'dimg', 'thmb', 'grid', 'iovl', 'iden', 'idat', 'mdat'],
  ...['Exif', 'mime', 'moov', 'trak', 'mini', 'uuid', 'grpl', 'pict'],
)

export const tokens: Record<ImageType, readonly Buffer[]> = {
  'image/jpeg': [
    ...hex('ffd8', 'ffd9', 'ffda', 'ffdb', 'ffc0', 'ffc1', 'ffc2', 'ffc3', 'ffc4', 'ffc9', 'ffcc', 'ffdd', 'ffde'),
    ...hex('ffe0', 'ffe1', 'ffe2', 'ffed', 'ffee', 'fffe', 'ff00', 'ffff', 'ffd0', 'ffd7', 'ffdc 0004 ffff'),
    ...text(
      'JFIF\0',
      'JFXX\0',
      'Exif\0\0',
      'ICC_PROFILE\0\x01\xff',
      'Adobe\0',
      'http://ns.adobe.com/xap/1.0/\0',
      'MPF\0',
    ),
  ],
  'image/png': [
    ...text(
      'IHDR',
      'PLTE',
      'IDAT',
      'IEND',
      'tRNS',
      'gAMA',
      'cHRM',
      'sRGB',
      'iCCP',
      'tEXt',
      'zTXt',
      'iTXt',
      'bKGD',
      'pHYs',
    ),
    ...text('sBIT', 'hIST', 'sPLT', 'tIME', 'eXIf', 'acTL', 'fcTL', 'fdAT', 'cICP', 'CgBI'),
    ...hex('00000000 49454e44 ae426082', '7fffffff 49444154', '0000000d 49484452 7fffffff 7fffffff 10060001'),
  ],
  'image/webp': [
    ...text('RIFF', 'WEBP', 'VP8 ', 'VP8L', 'VP8X', 'ALPH', 'ANIM', 'ANMF', 'ICCP', 'EXIF', 'XMP ', 'FRGM'),
    ...hex('9d012a ff3f ff3f', '2f ffffffff', '9d012a 0000 0000'),
  ],
  'image/gif': [
    ...text('GIF87a', 'GIF89a', 'NETSCAPE2.0', 'XMP DataXMP', 'ICCRGBG1012'),
    ...hex('21f904', '21ff0b', '21fe', '2101', '2c', '3b', '00', 'ffff ffff', '0c', '2c 0000 0000 ffff ffff 00'),
  ],
  'image/avif': [
    ...text('avif', 'avis', 'av01', 'av1C', 'mif1', 'miaf', 'MA1B', 'a1op', 'a1lx', 'lsel'),
    ...hex('0a0b', '1200', '81000c00'),
    ...isoBoxes,
  ],
  'image/heic': [
    ...text('heic', 'heix', 'hevc', 'hvc1', 'hvcC', 'msf1', 'lhv1'),
    ...hex('4001', '4201', '4401', '2801'),
    ...isoBoxes,
  ],
  'image/tiff': [
    ...hex('49492a00', '4d4d002a', '49492b00', '4d4d002b'),
    // Width, bits, compression, photometric, strips, samples, rows, planar, predictor, tiles, sub-directories, JPEG tables.
    ...hex('0001 0400', '0201 0300', '0301 0300', '0601 0300', '1101 0400', '1501 0300', '1601 0400', '1c01 0300'),
    ...hex('3d01 0300', '4401 0400', '4a01 0400', '5b01 0700', '6987 0400', '2588 0400', '7387 0700', '5301 0300'),
    ...hex('0500', '0700', '0800', 'b280', '5080', '1b88', '3488', '50c3', '51c3', '1084'),
  ],
}
