namespace DistCache.Geo.Databases;

/// <summary>Types of values, as the format numbers them; those from <see cref="Int32"/> on are written as <see cref="Extended"/> and a byte.</summary>
internal enum MmdbType
{
    Extended = 0,
    Pointer = 1,
    String = 2,
    Double = 3,
    Bytes = 4,
    UInt16 = 5,
    UInt32 = 6,
    Map = 7,
    Int32 = 8,
    UInt64 = 9,
    UInt128 = 10,
    Array = 11,
    Boolean = 14,
    Float = 15,
}
