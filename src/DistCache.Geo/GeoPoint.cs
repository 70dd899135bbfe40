namespace DistCache.Geo;

/// <summary>A place on the globe.</summary>
/// <param name="Latitude">Degrees, -90 to 90.</param>
/// <param name="Longitude">Degrees, -180 to 180.</param>
public readonly record struct GeoPoint(double Latitude, double Longitude)
{
    private const double EarthRadius = 6371.0088; // km, IUGG mean

    /// <summary>Both are numbers within their range.</summary>
    public bool IsValid => Latitude is >= -90 and <= 90 && Longitude is >= -180 and <= 180;

    /// <summary>Kilometres along the great circle (haversine), within half a percent: the globe is taken for a sphere.</summary>
    public double DistanceTo(GeoPoint other)
    {
        var latitude = Radians(other.Latitude - Latitude) / 2;
        var longitude = Radians(other.Longitude - Longitude) / 2;
        var a = (Math.Sin(latitude) * Math.Sin(latitude))
            + (Math.Cos(Radians(Latitude)) * Math.Cos(Radians(other.Latitude)) * Math.Sin(longitude) * Math.Sin(longitude));
        return 2 * EarthRadius * Math.Asin(Math.Min(1, Math.Sqrt(a)));
    }

    private static double Radians(double degrees) => degrees * Math.PI / 180;
}
