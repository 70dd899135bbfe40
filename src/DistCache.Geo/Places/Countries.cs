using System.Collections.Frozen;
using System.Globalization;

namespace DistCache.Geo.Places;

/// <summary>
/// What follows from a country alone: its continent, its membership, and a centre. A centre is for databases without coordinates, and it is about
/// where a country's people live and not the middle of its area (Russia's would be in Siberia); still all of a large country is taken for one
/// place then: a client in Los Angeles for one in the middle west. Where that matters name the countries in <c>Countries</c> of a region, or use a city database.
/// </summary>
public static class Countries
{
    // Code, continent, latitude, longitude; ISO 3166-1 as of 2024, and XK, which GeoIP databases use for Kosovo.
    private const string Table =
        """
        AD EU 42.5 1.5;AE AS 24.9 55.1;AF AS 34.5 68.0;AG NA 17.1 -61.8;AI NA 18.2 -63.1;AL EU 41.2 19.9;AM AS 40.2 44.6;AO AF -10.0 14.5
        AQ AN -77.8 166.7;AR SA -34.0 -61.0;AS OC -14.3 -170.7;AT EU 47.9 15.0;AU OC -34.0 147.0;AW NA 12.5 -70.0;AX EU 60.2 20.0;AZ AS 40.4 49.0
        BA EU 44.1 17.9;BB NA 13.2 -59.5;BD AS 23.8 90.3;BE EU 50.8 4.5;BF AF 12.3 -1.6;BG EU 42.7 24.5;BH AS 26.2 50.5;BI AF -3.4 29.8
        BJ AF 7.0 2.4;BL NA 17.9 -62.8;BM NA 32.3 -64.8;BN AS 4.8 114.8;BO SA -17.0 -65.9;BQ NA 12.2 -68.3;BR SA -18.0 -45.5;BS NA 25.0 -77.4
        BT AS 27.3 89.9;BV AN -54.4 3.4;BW AF -23.7 26.3;BY EU 53.7 27.8;BZ NA 17.4 -88.5;CA NA 46.5 -82.0;CC AS -12.1 96.9;CD AF -4.6 21.0
        CF AF 5.2 18.6;CG AF -4.0 14.8;CH EU 47.1 7.9;CI AF 6.4 -5.0;CK OC -21.2 -159.8;CL SA -33.8 -71.0;CM AF 5.0 11.0;CN AS 32.5 113.5
        CO SA 5.2 -74.6;CR NA 9.9 -84.1;CU NA 22.4 -80.6;CV AF 15.1 -23.6;CW NA 12.1 -68.9;CX AS -10.4 105.7;CY EU 35.0 33.3;CZ EU 49.8 15.5
        DE EU 50.7 9.6;DJ AF 11.6 43.1;DK EU 55.8 11.0;DM NA 15.4 -61.4;DO NA 18.7 -70.2;DZ AF 36.2 3.2;EC SA -1.5 -79.3;EE EU 59.1 25.3
        EG AF 30.0 31.1;EH AF 27.1 -13.2;ER AF 15.3 38.9;ES EU 40.2 -3.1;ET AF 9.0 38.9;FI EU 61.4 25.0;FJ OC -17.9 178.2;FK SA -51.7 -57.9
        FM OC 6.9 158.2;FO EU 62.0 -6.8;FR EU 47.3 2.5;GA AF 0.2 10.0;GB EU 52.6 -1.5;GD NA 12.1 -61.7;GE AS 41.9 44.0;GF SA 4.9 -52.5
        GG EU 49.5 -2.6;GH AF 6.5 -1.0;GI EU 36.1 -5.4;GL NA 64.9 -51.0;GM AF 13.4 -16.2;GN AF 10.0 -12.0;GP NA 16.2 -61.5;GQ AF 2.6 9.6
        GR EU 38.5 23.3;GS AN -54.4 -36.6;GT NA 14.8 -90.8;GU OC 13.5 144.8;GW AF 11.9 -15.4;GY SA 6.6 -58.2;HK AS 22.3 114.2;HM AN -53.1 73.5
        HN NA 14.7 -87.2;HR EU 45.5 16.2;HT NA 18.8 -72.5;HU EU 47.3 19.3;ID AS -6.9 109.5;IE EU 53.2 -7.0;IL AS 32.0 34.9;IM EU 54.2 -4.5
        IN AS 22.5 79.5;IO AS -7.3 72.4;IQ AS 33.4 44.2;IR AS 34.5 51.5;IS EU 64.3 -21.3;IT EU 42.8 12.2;JE EU 49.2 -2.1;JM NA 18.0 -76.9
        JO AS 31.9 35.9;JP AS 35.6 137.5;KE AF -0.6 36.9;KG AS 42.0 74.2;KH AS 11.9 105.0;KI OC 1.4 173.0;KM AF -11.8 43.4;KN NA 17.3 -62.7
        KP AS 39.2 126.0;KR AS 36.9 127.5;KW AS 29.3 48.0;KY NA 19.3 -81.3;KZ AS 47.0 71.5;LA AS 18.0 102.9;LB AS 33.8 35.6;LC NA 13.9 -61.0
        LI EU 47.1 9.5;LK AS 7.0 80.3;LR AF 6.4 -10.2;LS AF -29.4 27.8;LT EU 55.1 24.2;LU EU 49.6 6.1;LV EU 56.9 24.3;LY AF 32.4 14.8
        MA AF 33.2 -7.0;MC EU 43.7 7.4;MD EU 47.1 28.8;ME EU 42.6 19.2;MF NA 18.1 -63.1;MG AF -19.0 47.2;MH OC 7.1 171.2;MK EU 41.8 21.5
        ML AF 13.0 -6.9;MM AS 19.2 96.0;MN AS 47.8 106.0;MO AS 22.2 113.5;MP OC 15.2 145.7;MQ NA 14.6 -61.0;MR AF 17.7 -14.5;MS NA 16.7 -62.2
        MT EU 35.9 14.4;MU AF -20.2 57.5;MV AS 4.2 73.5;MW AF -14.2 34.5;MX NA 20.3 -100.3;MY AS 3.5 102.5;MZ AF -18.5 36.0;NA AF -20.6 17.0
        NC OC -22.1 166.3;NE AF 13.8 6.5;NF OC -29.0 167.9;NG AF 8.8 7.2;NI NA 12.3 -86.0;NL EU 52.1 5.2;NO EU 60.7 9.8;NP AS 27.4 84.6
        NR OC -0.5 166.9;NU OC -19.1 -169.9;NZ OC -39.3 174.8;OM AS 23.2 57.8;PA NA 8.9 -79.8;PE SA -10.5 -76.6;PF OC -17.6 -149.5;PG OC -6.5 146.5
        PH AS 13.0 122.3;PK AS 30.4 71.9;PL EU 51.9 19.4;PM NA 46.8 -56.2;PN OC -25.1 -130.1;PR NA 18.3 -66.3;PS AS 31.8 35.0;PT EU 39.9 -8.5
        PW OC 7.4 134.5;PY SA -25.2 -57.0;QA AS 25.3 51.4;RE AF -21.1 55.5;RO EU 45.7 25.3;RS EU 44.4 20.6;RU EU 55.5 50.0;RW AF -2.0 30.0
        SA AS 23.9 44.0;SB OC -9.3 160.2;SC AF -4.6 55.5;SD AF 14.6 32.4;SE EU 59.1 15.9;SG AS 1.35 103.8;SH AF -16.0 -5.7;SI EU 46.1 14.8
        SJ EU 78.2 15.6;SK EU 48.7 19.5;SL AF 8.3 -12.0;SM EU 43.9 12.5;SN AF 14.6 -16.2;SO AF 4.5 45.3;SR SA 5.8 -55.2;SS AF 7.0 30.5
        ST AF 0.3 6.7;SV NA 13.7 -89.1;SX NA 18.0 -63.1;SY AS 34.9 37.0;SZ AF -26.5 31.4;TC NA 21.8 -72.2;TD AF 11.5 16.5;TF AN -49.4 70.2
        TG AF 7.3 1.1;TH AS 14.8 101.2;TJ AS 38.4 69.0;TK OC -9.2 -171.8;TL AS -8.7 125.8;TM AS 38.3 59.5;TN AF 35.8 10.0;TO OC -21.1 -175.2
        TR AS 39.2 33.0;TT NA 10.5 -61.3;TV OC -8.5 179.2;TW AS 24.4 120.9;TZ AF -5.8 35.5;UA EU 49.0 31.6;UG AF 0.9 32.6;UM OC 19.3 166.6
        US NA 37.5 -92.5;UY SA -34.2 -56.0;UZ AS 40.4 67.5;VA EU 41.9 12.5;VC NA 13.2 -61.2;VE SA 9.7 -67.5;VG NA 18.4 -64.6;VI NA 18.0 -64.8
        VN AS 16.0 106.8;VU OC -16.8 168.0;WF OC -13.8 -177.2;WS OC -13.8 -171.9;XK EU 42.6 21.0;YE AS 14.6 44.6;YT AF -12.8 45.2;ZA AF -28.2 28.0
        ZM AF -13.8 28.5;ZW AF -18.6 30.7
        """;

    private static readonly FrozenDictionary<string, (string Continent, GeoPoint Centre)> ByCode = Read().ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>All codes that have a centre, in order.</summary>
    public static IEnumerable<string> All => ByCode.Keys.Order(StringComparer.Ordinal);

    /// <summary>Whether <paramref name="code"/> (upper-case) is a country's.</summary>
    public static bool IsCountry(string code) => ByCode.ContainsKey(code);

    /// <summary>AF, AN, AS, EU, NA, OC or SA; null: no such country.</summary>
    public static string? ContinentOf(string? country) => country is not null && ByCode.TryGetValue(country, out var known) ? known.Continent : null;

    /// <summary>Null: no such country.</summary>
    public static GeoPoint? CentreOf(string? country) => country is not null && ByCode.TryGetValue(country, out var known) ? known.Centre : null;

    private static IEnumerable<KeyValuePair<string, (string, GeoPoint)>> Read()
    {
        foreach (var row in Table.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var columns = row.Split(' ');
            yield return new(columns[0], (columns[1], new(double.Parse(columns[2], CultureInfo.InvariantCulture), double.Parse(columns[3], CultureInfo.InvariantCulture))));
        }
    }
}
